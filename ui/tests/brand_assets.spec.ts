import { statSync } from "node:fs";
import { deflateSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { checkEverywhere, expect, test, wide } from "./house.ts";
import { demoPassword, person, type Person } from "./people.ts";
import { startHouse, type House } from "./server.ts";

let house: House;

test.beforeAll(async () => {
  house = await startHouse(["--demo"], { RUNES_DEMO_PASSWORD: demoPassword });
});
test.afterAll(async () => { await house.stop(); });
// The sign-in page of this file's server changes: it is not the one of the others.
test.use({ baseURL: undefined, viewport: wide });

const at = (path: string): string => house.address + path;

async function enter(page: Page, name: Person, path = "/"): Promise<void> {
  const { email, password } = person(name);
  await page.goto(at(`/login?next=${encodeURIComponent(path)}`));
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname === path);
}

/** A PNG of one colour, made here so that the test knows what it uploads. */
function png(side: number): Buffer {
  const chunk = (kind: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc((1 + 3 * side) * side, 120);
  for (let y = 0; y < side; y++) rows[y * (1 + 3 * side)] = 0;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc(data: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

const tiles = (page: Page) => page.locator(".brand-grid li");

test("a picture is uploaded by the button, described and downloaded", async ({ page }) => {
  await enter(page, "lena", "/brand/assets");
  await expect(tiles(page)).not.toHaveCount(0);
  const before = await tiles(page).count();
  await page.locator("[data-files]").setInputFiles({ name: "quay_wall.png", mimeType: "image/png", buffer: png(800) });
  await expect(page.getByRole("heading", { level: 1 })).toContainText("quay wall");
  await page.getByRole("link", { name: "Edit Asset" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Tags").fill("harbour, stone");
  await dialog.getByLabel("Licence note").fill("Photo: Amir");
  await dialog.getByRole("button", { name: "Save Asset" }).click();
  await expect(page.locator("#main")).toContainText("Photo: Amir");
  await expect(page.getByRole("link", { name: "harbour" })).toBeVisible();
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "320 × 320" }).click();
  expect((await saved).suggestedFilename()).toBe("quay wall.png");
  // A new file takes its place; the earlier one is kept and comes back.
  const pixels = page.locator(".brand-facts dd", { hasText: " × " });
  await expect(pixels).toHaveText(/800 × 800/);
  await page.getByLabel("Replace Picture").setInputFiles({ name: "quay_new.png", mimeType: "image/png", buffer: png(500) });
  await expect(pixels).toHaveText(/500 × 500/);
  await expect(page.getByRole("heading", { name: "Earlier pictures" })).toBeVisible();
  await page.locator(".brand-versions").getByRole("button").click();
  await expect(page.getByText("The earlier picture is shown again, everywhere.")).toBeVisible();
  await expect(pixels).toHaveText(/800 × 800/);
  await expect(page.locator(".brand-versions li")).toHaveCount(1);
  await page.goto(at("/brand/assets?q=harbour"));
  await expect(tiles(page)).toHaveCount(1);
  await page.goto(at("/brand/assets"));
  await expect(tiles(page)).toHaveCount(before + 1);
});

test.describe(() => {
  test.use({ allowed: ["422 (Unprocessable"] });
  test("several pictures are dropped on the page, and one that is none says so", async ({ page }) => {
    await enter(page, "lena", "/brand/assets");
    await expect(tiles(page)).not.toHaveCount(0);
  const before = await tiles(page).count();
    const files = [{ name: "one.png", bytes: [...png(60)] }, { name: "two.png", bytes: [...png(70)] }, { name: "not a picture.png", bytes: [1, 2, 3] }];
    const carried = await page.evaluateHandle((all) => {
      const carrying = new DataTransfer();
      for (const f of all) carrying.items.add(new File([new Uint8Array(f.bytes)], f.name, { type: "image/png" }));
      return carrying;
    }, files);
    await page.dispatchEvent("brand-library", "dragover", { dataTransfer: carried });
    await expect(page.locator(".drop-page")).toBeVisible();
    await page.dispatchEvent("brand-library", "drop", { dataTransfer: carried });
    await expect(page.locator(".drop-page")).toHaveCount(0);
    await expect(tiles(page)).toHaveCount(before + 2);
    await expect(page.locator("#tray")).toContainText("no picture that can be read");
  });

  test("a picture that is none is refused in the tray", async ({ page }) => {
    await enter(page, "lena", "/brand/assets");
    await page.locator("[data-files]").setInputFiles({ name: "letter.png", mimeType: "image/png", buffer: Buffer.from("Dear all") });
    await expect(page.locator("#tray")).toContainText("no picture that can be read");
    await expect(page).toHaveURL(/\/brand\/assets$/);
  });
});

test.describe(() => {
  test.use({ allowed: ["422 (Unprocessable"] });
  test("the sign-in page is designed with a preview, published and shown to people who are signed out", async ({ page, browser }) => {
    await enter(page, "lena", "/brand/login");
    const face = page.locator("[data-face]");
    await page.getByLabel("Position of the card").selectOption("right");
    await expect(face.locator(".login.at-right")).toBeVisible();
    await expect(page.getByLabel("Second colour").last()).toBeHidden();
    await page.getByLabel("Background").selectOption("gradient");
    await page.locator("#f-colour").fill("#0b8a6f");
    await expect(face.locator("stop").first()).toHaveAttribute("stop-color", "#0b8a6f");
    await page.locator("#f-title_en").fill("Good to see you <you>");
    await expect(face.locator(".massive-text")).toContainText("Good to see you <you>");
    await page.getByRole("button", { name: "Publish" }).click();
    await expect(page.locator("#f-title_en-note")).toContainText("Plain text only");
    await expect(page.locator("#f-title_en")).toHaveValue("Good to see you <you>");
    await page.locator("#f-title_en").fill("Good to see you");
    await page.getByRole("button", { name: "Phone", exact: true }).click();
    await expect(page.locator(".brand-screen")).toHaveClass(/phone/);
    await page.getByRole("button", { name: "Save Draft" }).click();
    await expect(page.getByText("The draft is saved.")).toBeVisible();

    const outside = await browser.newContext();
    const visitor = await outside.newPage();
    await visitor.goto(at("/login"));
    await expect(visitor.getByRole("heading", { level: 1 })).toContainText("Welcome back");
    await page.getByRole("button", { name: "Publish" }).click();
    await expect(page.getByText("The sign-in page is published.")).toBeVisible();
    await visitor.reload();
    await expect(visitor.getByRole("heading", { level: 1 })).toContainText("Good to see you");
    const card = await visitor.locator(".lcard").boundingBox();
    expect(card?.x ?? 0).toBeGreaterThan(500);
    // It still lets people in.
    await visitor.getByLabel("Email").fill(person("amir").email);
    await visitor.getByLabel("Password", { exact: true }).fill(person("amir").password);
    await visitor.getByRole("button", { name: "Sign in", exact: true }).click();
    await visitor.waitForURL((url) => url.pathname === "/");
    await outside.close();
  });
});

test.describe("cards", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("somebody's card is reached from the account menu, shown to the world and copied as a signature", async ({ page, browser }) => {
    await enter(page, "amir");
    await page.locator("[popovertarget=account-menu]").first().click();
    await page.getByRole("link", { name: "My business card" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("My business card");
    await page.getByLabel("Mobile", { exact: true }).fill("+47 90 55 01 21");
    await page.getByLabel("Show Mobile").check();
    await page.getByRole("button", { name: "Save Card" }).click();
    await expect(page.getByText("The card is saved.")).toBeVisible();
    await page.getByRole("button", { name: "Copy Link" }).click();
    await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
    const address = await page.evaluate(() => navigator.clipboard.readText());
    expect(new URL(address).pathname).toMatch(/^\/c\/[\w-]{22}$/);
    for (const code of await page.locator(".brand-codes img").all()) {
      expect(await code.evaluate((img) => img instanceof HTMLImageElement && img.naturalWidth > 100)).toBe(true);
    }

    const picture = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as Picture" }).click();
    const wallet = await picture;
    expect(wallet.suggestedFilename()).toBe("Amir Haddad.png");
    expect(statSync(await wallet.path()).size).toBeGreaterThan(10_000);

    const outside = await browser.newContext();
    const visitor = await outside.newPage();
    await visitor.goto(address);
    await expect(visitor.getByRole("heading", { level: 1 })).toContainText("Amir Haddad");
    await expect(visitor.getByRole("link", { name: "+47 90 55 01 21" })).toHaveAttribute("href", "tel:+4790550121");
    const saved = visitor.waitForEvent("download");
    await visitor.getByRole("link", { name: "Save Contact" }).click();
    expect((await saved).suggestedFilename()).toBe("Amir Haddad.vcf");
    await checkEverywhere(visitor);

    await page.getByRole("link", { name: "Email signature" }).click();
    await page.getByRole("button", { name: "Copy Signature" }).click();
    await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
    const copied = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      return item ? (await (await item.getType("text/html")).text()) : "";
    });
    expect(copied).toContain("Amir Haddad");
    expect(copied).toContain("<table");

    await page.goto(at("/brand/card"));
    await page.getByLabel("The card is online").uncheck();
    await page.getByRole("button", { name: "Save Card" }).click();
    await expect(page.getByText("The card is saved.")).toBeVisible();
    const answer = await visitor.goto(address);
    expect(answer?.status()).toBe(404);
    await expect(visitor.getByRole("heading", { level: 1 })).toContainText("There is no card here");
    await outside.close();
  });
});

for (const path of ["/brand/assets", "/brand/login", "/brand/card", "/brand/cards", "/brand/signature"]) {
  test(`${path} is accessible in both themes and on phones`, async ({ page }) => {
    await enter(page, "lena", path);
    await checkEverywhere(page);
  });
}

test("one asset is accessible in both themes and on phones", async ({ page }) => {
  await enter(page, "lena", "/brand/assets");
  await tiles(page).first().getByRole("link").click();
  await expect(page.getByText("Details")).toBeVisible();
  await checkEverywhere(page);
});

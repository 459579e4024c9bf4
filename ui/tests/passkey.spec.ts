import type { Page } from "@playwright/test";
import { checkEverywhere, expect, forgotten, tabTo, test } from "./house.ts";
import { demoPassword, person } from "./people.ts";
import { startHouse, type House } from "./server.ts";

// A house of its own: whoever has a second factor is asked for it by every other test.
let house: House;
test.beforeAll(async () => { house = await startHouse(["--demo", "--dev"], { RUNES_DEMO_PASSWORD: demoPassword }); });
test.afterAll(async () => { await house.stop(); });

/** Passkeys belong to a name, not to a bare network address. */
const at = (path: string): string => house.address.replace("127.0.0.1", "localhost") + path;

/** A device that holds passkeys and recognises its owner. */
async function device(page: Page, isVerified = true): Promise<{ id: string; set(verified: boolean): Promise<void>; count(): Promise<number> }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId: id } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: isVerified, automaticPresenceSimulation: true },
  });
  return {
    id,
    async set(verified) { await cdp.send("WebAuthn.setUserVerified", { authenticatorId: id, isUserVerified: verified }); },
    async count() { return (await cdp.send("WebAuthn.getCredentials", { authenticatorId: id })).credentials.length; },
  };
}

async function byPassword(page: Page, name: "lena" | "amir" | "noor" | "tomas"): Promise<void> {
  await page.goto(at("/login"));
  await page.getByLabel("Email").fill(person(name).email);
  await page.getByLabel("Password", { exact: true }).fill(demoPassword);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/login");
}

/** Adds a passkey on the page about security and keeps the recovery codes. */
async function add(page: Page, name: string): Promise<void> {
  await page.goto(at("/account/security"));
  await page.locator('a[href="/account/security/passkey"]').click();
  await page.locator('[name="name"]').fill(name);
  await page.locator('[name="password"]').fill(demoPassword);
  await page.locator("main form .btn-primary").click();
  await page.locator("ui-passkey button").click();
  await expect(page.locator(".recovery li")).toHaveCount(10);
  await page.locator('main a[href="/account/security"].btn').click();
  await expect(page.getByText(name, { exact: true })).toBeVisible();
}

test("a passkey is added, signs in by itself and is removed again", async ({ page }) => {
  const key = await device(page);
  await byPassword(page, "tomas");
  await add(page, "Work laptop");
  await checkEverywhere(page);
  expect(await key.count()).toBe(1);

  await forgotten(page);
  await page.goto(at("/login?next=/preferences"));
  await checkEverywhere(page);
  await tabTo(page, "Sign in with a passkey");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/preferences$/);
  await expect(page.locator("#main").getByText(person("tomas").email)).toBeVisible();

  await page.goto(at("/account/security"));
  await page.getByRole("link", { name: /Work laptop/ }).click();
  await page.locator('[name="password"]').fill(demoPassword);
  await page.locator("main form .btn-bad").click();
  await expect(page.getByText("Work laptop", { exact: true })).toHaveCount(0);
  await forgotten(page);
  await byPassword(page, "tomas");
  await expect(page).toHaveURL(/\/$/);
});

test("a passkey is the second factor after the password", async ({ page }) => {
  await device(page);
  await byPassword(page, "noor");
  await add(page, "Security key");
  await forgotten(page);
  await byPassword(page, "noor");
  await expect(page).toHaveURL(/\/login\/second/);
  await checkEverywhere(page);
  await page.getByRole("button", { name: "Use Passkey" }).click();
  await expect(page).toHaveURL((url) => url.pathname === "/");
});

test("somebody who is invited joins with a passkey, and confirms with it", async ({ page }) => {
  await byPassword(page, "lena");
  await page.goto(at("/team"));
  await page.getByRole("link", { name: "Invite User" }).first().click();
  await page.locator('[name="email"]').fill("grace@halden-fjord.example");
  await page.getByRole("checkbox", { name: /^Guest/ }).check();
  await page.getByRole("button", { name: "Create Invitation" }).click();
  const link = await page.locator("#team-link").inputValue();
  await forgotten(page);
  const key = await device(page);
  await page.goto(at(new URL(link).pathname));
  await page.getByRole("link", { name: "Passkey" }).click();
  await checkEverywhere(page);
  await page.getByLabel("First name").fill("Grace");
  await page.getByLabel("Last name").fill("Hopper");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Add Passkey" }).click();
  await expect(page.locator(".recovery li")).toHaveCount(10);
  expect(await key.count()).toBe(1);
  await page.locator("a.btn-primary").click();
  await expect(page).toHaveURL((url) => url.pathname === "/");

  await forgotten(page);
  await page.goto(at("/login"));
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page).toHaveURL((url) => url.pathname === "/");
  await page.goto(at("/account/security/codes"));
  await expect(page.getByText("Confirmed with your passkey.")).toBeVisible();
  await page.goto(at("/account/confirm?next=/account/security/codes"));
  await checkEverywhere(page);
  await page.getByRole("button", { name: "Use Passkey" }).click();
  await expect(page).toHaveURL(/\/account\/security\/codes$/);
});

test.describe("a refusal", () => {
  test.use({ allowed: ["401", "422"] });

  test("says what happened when nobody is recognised, and when the passkey is unknown", async ({ page }) => {
    const key = await device(page);
    await byPassword(page, "amir");
    await add(page, "Phone");
    await forgotten(page);
    await page.goto(at("/login"));
    await key.set(false);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByText("Nothing was confirmed. Try again.")).toBeVisible();
    await checkEverywhere(page);
    await key.set(true);
    await page.route("**/login/passkey", async (route) => {
      const body = new URLSearchParams(route.request().postData() ?? "");
      body.set("ceremony", `${body.get("ceremony")}x`);
      await route.continue({ postData: body.toString() });
    });
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByText("That took too long, or was answered already. Try again.")).toBeVisible();
    await page.goto(at("/preferences"));
    await expect(page).toHaveURL(/\/login/);
  });

  test("leads on where only passkeys count and there is none", async ({ page }) => {
    await device(page);
    await byPassword(page, "lena");
    await page.goto(at("/team/factors"));
    await page.request.post(at("/team/factors"), { form: { csrf: await page.locator('meta[name="csrf-token"]').getAttribute("content") ?? "", role: "", mode: "required", grace: "0", remember: "0", passkey: "on" } });
    await forgotten(page);
    await byPassword(page, "lena");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Add Passkey");
    await checkEverywhere(page);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("button", { name: "Add Passkey" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Recovery codes");
    await page.getByRole("button", { name: /kept/i }).click();
    await expect(page).toHaveURL((url) => url.pathname === "/");
  });
});

test("a browser without passkeys shows no button for them", async ({ page }) => {
  await page.addInitScript(() => { Reflect.deleteProperty(window, "PublicKeyCredential"); });
  await page.goto(at("/login"));
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in with a passkey" })).toBeHidden();
});

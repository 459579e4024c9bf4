import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { checkEverywhere, expect, test } from "./house.ts";
import { demoPassword, person, type Person } from "./people.ts";
import { binary, startHouse, type House } from "./server.ts";

const run = promisify(execFile);
let house: House;

test.beforeAll(async () => {
  house = await startHouse(["--demo"], { RUNES_DEMO_PASSWORD: demoPassword });
});
test.afterAll(async () => { await house.stop(); });
// The server of this file has an address of its own; it is up when the first page is opened.
test.use({ baseURL: undefined });

async function enter(page: Page, name: Person, path = "/"): Promise<void> {
  const { email, password } = person(name);
  await page.goto(`${house.address}/login?next=${encodeURIComponent(path)}`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname === path);
}

/** What an administrator types beside the running server. */
async function rune(what: "activate" | "suspend", name: string): Promise<void> {
  await run(binary, ["rune", what, "--tenant", "demo", name, "--data", house.data], { env: { ...process.env, RUNES_KEY: house.key } });
}

/** Marks the document, to see later that it was never loaded anew. */
const mark = (page: Page): Promise<void> => page.evaluate(() => { document.documentElement.dataset.stays = "1"; });
const stays = async (page: Page): Promise<void> => expect(await page.evaluate(() => document.documentElement.dataset.stays)).toBe("1");

const entry = (page: Page) => page.locator(".nav a[href='/contacts']").first();

test.describe("activation", () => {
  test.describe.configure({ mode: "serial" });
  // The page of a suspended rune is read anew and says 404.
  test.use({ allowed: ["404 (Not Found)"] });

  test("a suspended rune leaves two open pages and comes back, without a reload", async ({ page, browser }) => {
    await enter(page, "lena");
    await page.setViewportSize({ width: 1440, height: 900 });
    const context = await browser.newContext();
    const other = await context.newPage();
    await enter(other, "amir", "/preferences");
    await other.getByLabel("Time zone").selectOption("Europe/Paris");
    for (const p of [page, other]) {
      await expect(entry(p)).toBeVisible();
      await mark(p);
    }
    await rune("suspend", "contacts");
    for (const p of [page, other]) await expect(entry(p)).toHaveCount(0);
    await expect(page.locator("#main")).not.toContainText("Directory");
    await expect(page.locator("#create-menu a[href^='/contacts']")).toHaveCount(0);
    // What somebody has chosen but not saved stays.
    await expect(other.getByLabel("Time zone")).toHaveValue("Europe/Paris");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("directory");
    await expect(page.locator("ui-palette [role=option] [data-text]").filter({ hasText: "Directory" })).toHaveCount(0);
    await page.keyboard.press("Escape");
    await rune("activate", "contacts");
    for (const p of [page, other]) await expect(entry(p)).toBeVisible();
    await expect(page.locator("#main")).toContainText("Directory");
    for (const p of [page, other]) await stays(p);
    await context.close();
  });

  test("somebody on a page of it gets a calm page, and a sleeping tab catches up", async ({ page }) => {
    await enter(page, "lena", "/contacts");
    await mark(page);
    await rune("suspend", "contacts");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Contact Hub is resting");
    await expect(page.getByText("Everything in it is kept")).toBeVisible();
    await stays(page);
    await checkEverywhere(page);
    await rune("activate", "contacts");
    await expect(entry(page)).toBeVisible();
    await page.goto(house.address);
    // Nobody sees the tab, so it hears nothing; it looks when it is seen again.
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await rune("suspend", "contacts");
    await expect(entry(page)).toBeVisible();
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await expect(entry(page)).toHaveCount(0);
    await rune("activate", "contacts");
    await expect(entry(page)).toBeVisible();
  });
});

import type { Browser } from "@playwright/test";
import { address, checkAccess, checkEverywhere, expect, signIn, test } from "./house.ts";
import type { Person } from "./people.ts";

/** Signs the person in from a program and system that the house has not seen: that is worth a notification. */
async function signInElsewhere(browser: Browser, name: Person): Promise<void> {
  const context = await browser.newContext({ baseURL: address(), userAgent: `Mozilla/5.0 (X11; Linux) Firefox/${strange++}.0 Strange/${strange}` });
  await signIn(await context.newPage(), name);
  await context.close();
}

let strange = 140;

test.describe("the bell", () => {
  test("counts up in an open page, without a reload, when another device signs in", async ({ page, browser }) => {
    await signIn(page, "noor");
    await page.evaluate(() => { document.documentElement.dataset.stays = "1"; });
    const count = page.locator(".nav [data-bell-count]");
    const before = Number(await count.textContent());
    await signInElsewhere(browser, "noor");
    await expect(count).toHaveText(String(before + 1));
    await expect(page.locator("[data-bell-dot]")).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.dataset.stays)).toBe("1");
  });

  test("opens a panel, marks all as read in place, and other tabs hear of it", async ({ page, browser, context }) => {
    await signIn(page, "amir");
    await signInElsewhere(browser, "amir");
    const tab = await context.newPage();
    await tab.goto("/preferences");
    await expect(tab.locator("[data-bell-dot]")).toBeVisible();
    await page.locator("[data-bell-button]").click();
    const panel = page.locator("#bell-panel");
    await expect(panel.locator(".notes li.new").first()).toBeVisible();
    await checkAccess(page);
    await panel.getByRole("button", { name: "Mark all as read" }).click();
    await expect(panel.locator(".notes li.new")).toHaveCount(0);
    await expect(panel).toBeVisible();
    await expect(page.locator("[data-bell-dot]")).toBeHidden();
    await expect(tab.locator("[data-bell-dot]")).toBeHidden();
    await expect(page.locator("[data-bell-button]")).toHaveAccessibleName("Notifications");
  });

  test("leads to the list, where one can be marked", async ({ page, browser }) => {
    await signIn(page, "lena");
    await signInElsewhere(browser, "lena");
    await page.locator("[data-bell-button]").click();
    await page.getByRole("link", { name: "All notifications" }).click();
    await expect(page).toHaveURL(/\/notifications$/);
    const fresh = page.locator("#main .notes li.new");
    const before = await fresh.count();
    await checkEverywhere(page);
    await fresh.first().getByRole("button", { name: "Mark as read" }).click();
    await expect(fresh).toHaveCount(before - 1);
  });

  test("sends the other tabs to the sign-in page when the person signs out", async ({ page, context }) => {
    await signIn(page, "tomas");
    const tab = await context.newPage();
    await tab.goto("/");
    await expect(tab.locator(".nav")).toBeVisible();
    await page.locator("[popovertarget=account-menu]").click();
    await page.locator('form[action="/logout"] button').click();
    await expect(tab).toHaveURL(/\/login/);
  });
});

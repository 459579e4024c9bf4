import { checkAccess, expect, phone, signIn, test } from "./house.ts";

test.describe("the command palette", () => {
  test("opens with Ctrl+K, finds a page by a few letters and goes there with Enter", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Control+k");
    const input = page.getByRole("combobox", { name: /Search/ });
    await expect(input).toBeFocused();
    await page.keyboard.type("ntf");
    const best = page.getByRole("option").first();
    await expect(best).toHaveText(/Notifications/);
    await expect(best).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/notifications$/);
  });

  test("moves with the arrows, narrows to one kind, says when nothing matches", async ({ page }) => {
    await signIn(page, "lena");
    await page.getByRole("link", { name: /Search or jump/ }).click();
    const options = page.getByRole("option");
    await expect(options.first()).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("ArrowDown");
    await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await expect(options.last()).toHaveAttribute("aria-selected", "true");
    await page.getByRole("button", { name: "Actions" }).click();
    await expect(page.getByRole("option", { name: "Home" })).toHaveCount(0);
    await expect(page.getByRole("option", { name: "Sign out" })).toBeVisible();
    await page.keyboard.type("zzzz");
    await expect(page.getByText("Nothing has that name.")).toBeVisible();
    await expect(options).toHaveCount(0);
  });

  test("closes with Esc, gives the focus back, and remembers what was chosen", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("preferences");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/preferences$/);
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("group", { name: "Recent" }).getByRole("option").first()).toHaveText(/Preferences/);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog", { name: "Command palette" })).toBeHidden();
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  });

  test("changes the theme", async ({ page }) => {
    await signIn(page, "amir");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("dark");
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("follow");
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "system");
  });

  test("is accessible, also as a sheet on a phone", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("option").first()).toBeVisible();
    await checkAccess(page);
    await page.setViewportSize(phone);
    await checkAccess(page);
  });
});

test.describe("keys", () => {
  test("? opens the sheet, which lists only what works here", async ({ page }) => {
    await signIn(page, "mina");
    await page.keyboard.press("Shift+?");
    const sheet = page.locator("ui-keys").getByRole("dialog");
    await expect(sheet).toBeVisible();
    await expect(sheet.locator(".placed")).toHaveCount(2); // Home and Notifications: a guest has no Cloud Storage
    await checkAccess(page);
  });

  test("the sheet lists the places of the sidebar", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Shift+?");
    await expect(page.locator("ui-keys").getByText("Go to Cloud Storage")).toBeVisible();
  });

  test("G then a letter goes to a place, and never while typing", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await expect(page).toHaveURL(/\/notifications$/);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("gh");
    await expect(page.getByRole("combobox")).toHaveValue("gh");
    await expect(page).toHaveURL(/\/notifications$/);
  });

  test("of a single letter can be switched off, and Ctrl+K stays", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Shift+?");
    await page.getByRole("switch", { name: /single letter/ }).uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.keyboard.press("Shift+?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeHidden();
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("dialog", { name: "Command palette" })).toBeVisible();
    await expect(page).toHaveURL(/\/$/);
    // The profile keeps it for every device: back to how the other specs want it.
    await page.keyboard.press("Escape");
    await page.reload();
    await expect(page.locator("html")).toHaveAttribute("data-letters", "off");
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    const kept = page.waitForResponse(/\/preferences\/letters$/);
    await page.getByRole("switch", { name: /single letter/ }).check();
    await kept;
    await page.reload();
    await expect(page.locator("html")).not.toHaveAttribute("data-letters", "off");
  });
});

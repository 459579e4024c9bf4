import { checkEverywhere, expect, forgotten, signIn, tabTo, test } from "./house.ts";

test.describe("favourites", () => {
  test("a star puts a page into the sidebar and the palette, S takes it out, Undo brings it back", async ({ page }) => {
    await signIn(page, "amir", "/help/start");
    const star = page.getByRole("button", { name: "Favourite" });
    await expect(star).toHaveAttribute("aria-pressed", "false");
    await star.click();
    await expect(star).toHaveAttribute("aria-pressed", "true");
    const kept = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Getting around" });
    await expect(kept).toBeVisible();
    await page.goto("/notifications");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("getting");
    await expect(page.getByRole("option").first()).toHaveText(/Getting around/);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/help\/start$/);
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await page.keyboard.press("s");
    await expect(kept).toHaveCount(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(kept).toBeVisible();
    await star.click();
    await expect(kept).toHaveCount(0);
  });

  test("what was chosen in the palette follows to another device", async ({ page, browser, baseURL }) => {
    await signIn(page, "amir");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("guide getting");
    const kept = page.waitForResponse((answer) => answer.url().endsWith("/palette") && answer.request().method() === "POST");
    await page.keyboard.press("Enter");
    await kept;
    const other = await (await browser.newContext({ baseURL: baseURL ?? "" })).newPage();
    await signIn(other, "amir");
    await other.keyboard.press("Control+k");
    await expect(other.getByRole("group", { name: "Recent" }).getByRole("option").first()).toHaveText(/Getting around/);
    await other.context().close();
  });
});

test.describe("a quick action", () => {
  test.use({ allowed: ["422"] });
  test("opens its form over the page one is on and leads to what was made", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("c");
    await page.getByRole("menuitem", { name: "New Company" }).click();
    const form = page.getByRole("dialog", { name: "New Company" });
    await expect(form.getByLabel("Legal Name")).toBeFocused();
    await expect(page).toHaveURL(/\/$/);
    await form.getByRole("button", { name: "Add Company" }).click();
    await expect(form.locator(".err").first()).toBeVisible();
    await expect(page).toHaveURL(/\/$/);
    await page.keyboard.press("Escape");
    await expect(form).toBeHidden();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("new company");
    await page.keyboard.press("Enter");
    const name = `Quick Action ${Date.now()} AG`;
    await form.getByLabel("Legal Name").fill(name);
    await form.getByRole("button", { name: "Add Company" }).click();
    await expect(page).toHaveURL(/\/contacts\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  });
});

test.describe("the profile", () => {
  test("keeps the density: rows are lower from the first byte of the next page on", async ({ page }) => {
    await signIn(page, "amir", "/contacts");
    const row = page.locator(".table tbody tr").first();
    const before = (await row.boundingBox())?.height ?? 0;
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("button", { name: "Compact" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-density", "compact");
    await expect.poll(async () => (await row.boundingBox())?.height ?? 0).toBeLessThan(before);
    expect(await (await page.request.get("/notifications")).text()).toMatch(/<html [^>]*data-density="compact"/);
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("button", { name: "Comfortable" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-density", "comfortable");
  });

  test("can do without the palette: Ctrl K is the browser's again, the search stays", async ({ page }) => {
    await signIn(page, "amir", "/preferences");
    await page.getByRole("checkbox", { name: "Command palette" }).first().uncheck();
    await page.getByRole("button", { name: "Save Preferences" }).click();
    await expect(page.locator("ui-palette")).toHaveCount(0);
    await page.getByRole("link", { name: /Search or jump/ }).click();
    await expect(page).toHaveURL(/\/search$/);
    await page.goto("/preferences");
    await page.getByRole("checkbox", { name: "Command palette" }).first().check();
    await page.getByRole("button", { name: "Save Preferences" }).click();
    await expect(page.locator("ui-palette")).toHaveCount(1);
  });

  test("never takes Ctrl F from the browser", async ({ page }) => {
    await signIn(page, "amir");
    const free = await page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "f", ctrlKey: true, bubbles: true, cancelable: true })));
    expect(free).toBe(true);
  });
});

test.describe("Home", () => {
  test("is arranged by keyboard and by dragging; what is hidden is gone, and a reset can be undone", async ({ page }) => {
    await signIn(page, "amir");
    await page.getByRole("link", { name: "Arrange" }).click();
    await expect(page).toHaveURL(/\/home$/);
    const names = async (): Promise<string[]> => page.locator(".arrange li").evaluateAll((all) => all.map((li) => (li instanceof HTMLElement ? li.dataset.name ?? "" : "")));
    const before = await names();
    expect(before.length).toBeGreaterThan(1);
    await tabTo(page, `Move ${before[0]} down`);
    await page.keyboard.press("Enter");
    await expect.poll(names).toEqual([before[1], before[0], ...before.slice(2)]);
    await expect(page.getByRole("status").filter({ hasText: "is in place 2" })).toBeAttached();
    await page.locator(".arrange .grip").nth(1).dragTo(page.locator(".arrange .grip").first());
    await expect.poll(names).toEqual(before);
    await page.getByRole("switch", { name: before[0] ?? "" }).uncheck();
    await checkEverywhere(page);
    await page.getByRole("link", { name: "Back to Home" }).click();
    await expect(page.getByRole("heading", { level: 2, name: before[1] ?? "" })).toBeVisible();
    await expect(page.getByRole("heading", { level: 2, name: before[0] ?? "" })).toHaveCount(0);
    await page.goto("/home");
    await page.getByRole("button", { name: "Reset to Default" }).click();
    await expect(page.getByRole("switch", { name: before[0] ?? "" })).toBeChecked();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("switch", { name: before[0] ?? "" })).not.toBeChecked();
    await page.getByRole("button", { name: "Reset to Default" }).click();
    await expect(page.getByRole("switch", { name: before[0] ?? "" })).toBeChecked();
  });
});

test.describe("help and people", () => {
  test("a guide is found from the palette and read with its five sections", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("guide contact");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/help\/contacts$/);
    await expect(page.locator(".guide-part h2")).toHaveText(["Overview", "Setup & Configuration", "Step-by-Step Usage Guide", "Advanced Features & Integrations", "Permissions Reference"]);
    await checkEverywhere(page);
    await page.goto("/help");
    await checkEverywhere(page);
    await page.getByRole("searchbox").fill("vcard");
    await page.keyboard.press("Enter");
    await expect(page.locator(".hits li").first()).toContainText("vCard");
  });

  test("a colleague is found in the palette and has a page; a guest finds nobody", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("amir haddad");
    await expect(page.getByRole("group", { name: "Colleagues" }).or(page.getByRole("group", { name: "Best match" })).getByRole("option", { name: /Amir Haddad/ })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/people\//);
    await expect(page.getByRole("link", { name: "Write Email" })).toHaveAttribute("href", "mailto:amir.haddad@halden-fjord.example");
    await checkEverywhere(page);
    await forgotten(page);
    await signIn(page, "mina", "/search?q=amir");
    await expect(page.locator(".empty")).toBeVisible();
    await expect(page.locator(".hits li")).toHaveCount(0);
  });
});

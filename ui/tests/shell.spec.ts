import { address, checkEverywhere, expect, phone, signIn, tabTo, test } from "./house.ts";

test.describe("the shell", () => {
  test("switches pages without loading the document again and puts the focus on the title", async ({ page }) => {
    await signIn(page, "lena");
    await page.evaluate(() => { document.documentElement.dataset.stays = "1"; });
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Notifications/ }).click();
    await expect(page).toHaveURL(/\/notifications$/);
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await expect(page).toHaveTitle(/Notifications/);
    expect(await page.evaluate(() => document.documentElement.dataset.stays)).toBe("1");
  });

  test("goes Back and forward through its pages", async ({ page }) => {
    await signIn(page, "lena");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Notifications/ }).click();
    await expect(page).toHaveURL(/\/notifications$/);
    await page.goBack();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Lena");
    await page.goForward();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Notifications");
  });

  test("keeps its frame while pages change, and each page as it was for Back", async ({ page }) => {
    await signIn(page, "lena");
    await page.evaluate(() => { document.querySelector(".nav")?.addEventListener("probe", () => { document.documentElement.dataset.same = "1"; }); });
    const nav = page.getByRole("navigation", { name: "Main" });
    const shows = async (title: RegExp, here: string): Promise<void> => {
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
      await expect(page.locator("h1")).toHaveCount(1);
      await expect(nav.locator("[aria-current=page]")).toHaveCount(1);
      await expect(nav.locator("[aria-current=page]")).toHaveAttribute("href", here);
      await expect(page.locator('#account-menu form[action="/preferences/theme"] [name=back]')).toHaveValue(here);
      await expect(page.locator("#toasts")).toHaveCount(1);
    };
    await nav.getByRole("link", { name: /^Notifications/ }).click();
    await shows(/^Notifications/, "/notifications");
    await nav.getByRole("link", { name: "Cloud Storage", exact: true }).click();
    await shows(/^Files/, "/storage");
    await nav.getByRole("link", { name: "Contact Hub", exact: true }).click();
    await shows(/./, "/contacts");
    await page.goBack();
    await shows(/^Files/, "/storage");
    await expect(page.locator("#main .storage-entry").first()).toBeVisible();
    await page.goBack();
    await shows(/^Notifications/, "/notifications");
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await page.goForward();
    await shows(/^Files/, "/storage");
    await nav.locator("[aria-current=page]").click(); // the page that is open already
    await shows(/^Files/, "/storage");
    await page.goForward();
    await shows(/./, "/contacts");
    await page.evaluate(() => document.querySelector(".nav")?.dispatchEvent(new Event("probe")));
    expect(await page.evaluate(() => document.documentElement.dataset.same)).toBe("1");
  });

  test("lets the first Tab stop skip to the content", async ({ page }) => {
    await signIn(page, "lena");
    await page.reload();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("#main")).toBeFocused();
  });

  test("changes the theme at once, without a reload, and keeps it", async ({ page }) => {
    await signIn(page, "amir");
    await page.evaluate(() => { document.documentElement.dataset.stays = "1"; });
    await page.getByRole("button", { name: "Your account" }).click();
    const kept = page.waitForResponse((r) => r.url().endsWith("/preferences/theme"));
    await page.getByRole("button", { name: "Dark" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    expect((await kept).status()).toBeLessThan(400);
    expect(await page.evaluate(() => document.documentElement.dataset.stays)).toBe("1");
    await page.reload();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "System" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "system");
  });

  test("changes the language and comes back to the same page", async ({ page }) => {
    await signIn(page, "amir", "/notifications");
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Deutsch" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Mitteilungen");
    await expect(page).toHaveURL(/\/notifications$/);
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await page.getByRole("button", { name: "Eigenes Konto" }).click();
    await page.getByRole("button", { name: "English" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Notifications");
  });

  test("closes menus with Esc and gives the focus back", async ({ page }) => {
    await signIn(page, "lena");
    const opener = page.getByRole("button", { name: "Create", exact: true }).first();
    await opener.focus();
    await page.keyboard.press("Enter");
    const menu = page.getByRole("menu", { name: "Create" });
    await expect(menu).toBeVisible();
    await expect(menu.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await expect(menu.getByRole("menuitem").last()).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(menu).toBeHidden();
    await expect(opener).toBeFocused();
  });

  test("keeps what a person may not use out of sidebar, menu and palette", async ({ page }) => {
    await signIn(page, "mina");
    await expect(page.locator(".nav a").first()).toBeVisible();
    await expect(page.locator('a[href^="/storage"]')).toHaveCount(0);
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("option").first()).toBeVisible();
    await page.keyboard.type("storage");
    await expect(page.getByRole("option")).toHaveCount(0);
  });

  test("works on phones: five places, the menu as a sheet", async ({ page }) => {
    await page.setViewportSize(phone);
    await signIn(page, "lena");
    await expect(page.getByRole("complementary")).toBeHidden();
    const bar = page.getByRole("navigation", { name: "Quick navigation" });
    await bar.getByRole("button", { name: "Menu" }).click();
    const nav = page.getByRole("navigation", { name: "Main" });
    await expect(nav).toBeVisible();
    await nav.getByRole("link", { name: /^Notifications/ }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Notifications");
    await expect(nav).toBeHidden();
    for (const place of await bar.locator("a, button").all()) {
      const box = await place.boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    }
  });

  test("is usable without script", async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, baseURL: address() });
    const page = await context.newPage();
    await signIn(page, "lena");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Notifications/ }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Notifications");
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/login$/);
    await context.close();
  });

  test.describe("without a connection", () => {
    test.use({ allowed: ["ERR_INTERNET_DISCONNECTED"] });
    test("says when the connection is gone and when it is back", async ({ page, context }) => {
      await signIn(page, "lena");
      const bar = page.getByText("No connection.");
      await expect(bar).toBeHidden();
      await context.setOffline(true);
      await expect(bar).toBeVisible();
      await context.setOffline(false);
      await expect(bar).toBeHidden();
    });
  });

  for (const path of ["/", "/notifications", "/notifications?all=1", "/preferences", "/preferences/password"]) {
    test(`is accessible on ${path}`, async ({ page }) => {
      await signIn(page, "lena", path);
      await checkEverywhere(page);
    });
  }

  test("reaches the account menu by Tab", async ({ page }) => {
    await signIn(page, "lena");
    await tabTo(page, "Your account");
    await page.keyboard.press("Enter");
    await tabTo(page, "Sign out");
  });
});

test.describe("a page that does not exist", () => {
  test.use({ allowed: ["404"] });
  test("says so inside the shell and leads Home", async ({ page }) => {
    await signIn(page, "lena");
    await page.goto("/no/such/page");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await checkEverywhere(page);
    await page.locator("#main").getByRole("link", { name: "Search" }).click();
    await expect(page.getByRole("dialog", { name: "Command palette" })).toBeVisible();
    await page.keyboard.press("Escape");
    await page.locator("#main").getByRole("link", { name: "Go Home" }).click();
    await expect(page).toHaveURL(/\/$/);
  });
});

import { checkEverywhere, expect, phone, signIn, test } from "./house.ts";
import { chosenNames, entry, freshFolder, makeFolder, names, putFile, ready } from "./storage.ts";

test.describe("File Browser", () => {
  test("opens folders, shows the path and goes back by it", async ({ page }) => {
    await signIn(page, "lena", "/storage");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Files.");
    await entry(page, "Contracts").click();
    await expect(page.getByRole("navigation", { name: "Path" }).getByText("Contracts")).toBeVisible();
    await page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "All files" }).click();
    await expect(entry(page, "Contracts")).toBeVisible();
  });

  test("sorts by a click on a head, remembers it and keeps folders first", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "sorted");
    await putFile(page, folder, "b.txt", "12");
    await putFile(page, folder, "a.txt", "1234");
    await putFile(page, folder, "c.txt", "1");
    await makeFolder(page, folder, "z folder");
    await page.reload();
    expect(await names(page)).toEqual(["z folder", "a.txt", "b.txt", "c.txt"]);
    await page.getByRole("columnheader", { name: "Size" }).getByRole("link").click();
    await expect(page.locator("th[aria-sort=descending]")).toHaveText(/Size/);
    expect(await names(page)).toEqual(["z folder", "a.txt", "b.txt", "c.txt"]);
    await page.getByRole("columnheader", { name: "Size" }).getByRole("link").click();
    await expect(page.locator("th[aria-sort=ascending]")).toHaveText(/Size/);
    expect(await names(page)).toEqual(["z folder", "c.txt", "b.txt", "a.txt"]);
    await page.goto(`/storage/f/${folder}`);
    await expect(page.locator("th[aria-sort=ascending]")).toHaveText(/Size/);
    await page.goto(`/storage/f/${folder}?sort=name&way=up`);
  });

  test("changes between list and grid and remembers it", async ({ page }) => {
    await signIn(page, "lena", "/storage");
    await ready(page);
    await Promise.all([page.waitForResponse(/view=grid/), page.getByRole("link", { name: "Grid view" }).click()]);
    await expect(page.locator("[data-view=grid]")).toBeVisible();
    await page.goto("/storage");
    await expect(page.locator("[data-view=grid]")).toBeVisible();
    await checkEverywhere(page);
    await ready(page);
    await Promise.all([page.waitForResponse(/view=list/), page.getByRole("link", { name: "List view" }).click()]);
  });

  test("filters while somebody types, after /", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "filter");
    for (const name of ["Apfel.txt", "Birne.txt", "Apfelbaum.txt"]) await putFile(page, folder, name);
    await page.reload();
    await ready(page);
    await page.keyboard.press("/");
    await page.keyboard.type("apfel");
    await expect(entry(page, "Birne.txt")).toHaveCount(0);
    expect(await names(page)).toEqual(["Apfel.txt", "Apfelbaum.txt"]);
    await page.keyboard.type("zzz");
    await expect(page.getByText("Nothing found")).toBeVisible();
  });

  test("chooses by click, Ctrl, Shift and ticks", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "choose");
    for (const name of ["1.txt", "2.txt", "3.txt", "4.txt"]) await putFile(page, folder, name);
    await page.reload();
    await ready(page);
    await entry(page, "1.txt").click();
    expect(await chosenNames(page)).toEqual(["1.txt"]);
    await expect(page.getByRole("complementary", { name: "Details" }).getByRole("heading", { level: 2 })).toHaveText("1.txt");
    await entry(page, "3.txt").click({ modifiers: ["Shift"] });
    expect(await chosenNames(page)).toEqual(["1.txt", "2.txt", "3.txt"]);
    await entry(page, "2.txt").click({ modifiers: ["Control"] });
    expect(await chosenNames(page)).toEqual(["1.txt", "3.txt"]);
    await entry(page, "4.txt").hover();
    await page.getByRole("checkbox", { name: "Select 4.txt" }).click();
    await expect(page.locator("[data-bulk-count]")).toHaveText("3 selected");
    await expect(page.getByRole("complementary", { name: "Details" })).toContainText("3 items selected");
    await page.getByRole("button", { name: "Clear selection" }).click();
    expect(await chosenNames(page)).toEqual([]);
  });

  test("is moved through, chosen and opened by keys alone", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "keys");
    await makeFolder(page, folder, "one");
    for (const name of ["1.txt", "2.txt", "3.txt"]) await putFile(page, folder, name);
    await page.reload();
    await ready(page);
    await page.keyboard.press("j");
    await expect(entry(page, "one").getByRole("link").first()).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(entry(page, "1.txt").getByRole("link").first()).toBeFocused();
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowDown");
    expect(await chosenNames(page)).toEqual(["1.txt", "2.txt", "3.txt"]);
    await page.keyboard.press("Escape");
    expect(await chosenNames(page)).toEqual([]);
    await page.keyboard.press("Control+a");
    await expect(page.locator("[data-bulk-count]")).toHaveText("4 selected");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await expect(page.getByText("This folder is empty")).toBeVisible();
  });

  test("has one menu for the right button, the menu key, the three dots and a long press", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "menu");
    await putFile(page, folder, "1.txt");
    await page.reload();
    await ready(page);
    const menu = page.getByRole("menu", { name: "Actions" });
    await entry(page, "1.txt").click({ button: "right" });
    await expect(menu).toBeVisible();
    await expect(menu.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(menu.getByRole("menuitem", { name: "Details" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(menu).toBeHidden();
    await page.keyboard.press("Shift+F10");
    await expect(menu).toBeVisible();
    await page.keyboard.press("Escape");
    await entry(page, "1.txt").hover();
    await page.getByRole("link", { name: "More for 1.txt" }).click();
    await expect(menu).toBeVisible();
    await page.keyboard.press("Escape");
    await page.setViewportSize(phone);
    await entry(page, "1.txt").dispatchEvent("pointerdown", { pointerType: "touch", bubbles: true });
    await expect(menu).toBeVisible();
    const box = await menu.boundingBox();
    expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(phone.height);
  });

  test("stays quick with 5,000 things and finds the last one", async ({ page }) => {
    test.setTimeout(120_000);
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "many");
    const boundary = Array.from({ length: 5000 }, (_, n) => `file ${String(n).padStart(4, "0")}.txt`);
    await page.evaluate(async ({ folder, names }) => {
      const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
      const work = [...names];
      await Promise.all(Array.from({ length: 24 }, async () => {
        for (let name = work.pop(); name; name = work.pop()) {
          await fetch(`/storage/upload/${folder}?path=${encodeURIComponent(name)}`, { method: "PUT", body: "x", headers: { "X-CSRF-Token": csrf } });
        }
      }));
    }, { folder, names: boundary });
    const answer = await page.goto(`/storage/f/${folder}`);
    const sizes = await answer?.request().sizes();
    expect(sizes?.responseBodySize ?? 0, "bytes of the page as they travel").toBeLessThan(20_480);
    await ready(page);
    expect(await page.locator(".storage-entry").count()).toBeLessThan(1000);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    expect(height).toBeGreaterThan(5000 * 40);
    await page.evaluate((y) => window.scrollTo(0, y), height / 2);
    await expect(entry(page, "file 2500.txt")).toBeVisible();
    await page.keyboard.press("j");
    await page.keyboard.press("End");
    await expect(entry(page, "file 4999.txt").getByRole("link").first()).toBeFocused();
    await page.evaluate(() => window.scrollTo(0, 0));
    await expect(entry(page, "file 0000.txt")).toBeVisible();
    expect(await page.locator(".storage-entry").count()).toBeLessThan(1400);
    await page.keyboard.press("Control+a");
    await expect(page.locator("[data-bulk-count]")).toHaveText("5,000 selected");
    await page.keyboard.press("Delete");
    await expect(page.locator(".toast")).toContainText("5,000 items deleted", { timeout: 30_000 });
    await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
    await expect(entry(page, "file 0000.txt")).toBeVisible({ timeout: 30_000 });
  });

  test("takes a name for what it is: text", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "harmless");
    const evil = "<img src=x onerror=alert(1)>.txt";
    await putFile(page, folder, evil, "<script>alert(2)</script>");
    await makeFolder(page, folder, `"><svg onload=alert(3)>`);
    await page.reload();
    await ready(page);
    const row = page.locator("tr.storage-entry");
    await row.click();
    await expect(page.getByRole("complementary", { name: "Details" })).toContainText(evil);
    await row.click({ button: "right" });
    await page.keyboard.press("Escape");
    await page.keyboard.press("F2");
    await expect(page.getByRole("dialog").getByLabel("Name")).toHaveValue(evil);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Delete");
    await expect(page.locator(".toast")).toContainText(evil);
    await page.goto("/storage/trash");
    await expect(page.getByText(evil).first()).toBeVisible();
    await page.goto("/");
    expect(await page.locator("img[src=x], svg[onload]").count()).toBe(0);
  });

  test("is accessible in both themes and on phones, with and without files", async ({ page }) => {
    await signIn(page, "lena", "/storage");
    await ready(page);
    await checkEverywhere(page);
    await page.keyboard.press("Control+a");
    await expect(page.locator("[data-bulk-count]")).toHaveText(/selected/);
    await checkEverywhere(page);
    await freshFolder(page, "empty");
    await ready(page);
    await checkEverywhere(page);
  });

  test("does not exist for somebody without the right", async ({ page, allowed }) => {
    allowed.push("404");
    await signIn(page, "mina");
    await expect(page.getByRole("navigation", { name: "Main" }).getByText("Cloud Storage")).toHaveCount(0);
    for (const path of ["/storage", "/storage/trash", "/storage/sync", "/storage/f/1"]) {
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(404);
    }
  });
});

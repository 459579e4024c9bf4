import { checkAccess, checkEverywhere, expect, signIn, test } from "./house.ts";

test.describe("records in the palette", () => {
  test("are found while typing, with their letters marked, and opened with Enter", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("halden");
    const team = page.getByRole("option", { name: "Halden & Fjord /" }); // the folder and its path
    await expect(team).toBeVisible();
    await expect(team.locator("mark")).toHaveText("Halden");
    await checkAccess(page);
    await page.getByRole("button", { name: "Folders" }).click();
    await expect(page.getByRole("option").first()).toHaveText(/Halden & Fjord/);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/storage\/f\/\d+$/);
    await expect(page.locator("storage-browser")).toBeVisible(); // the page is there, not its address alone
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("group", { name: "Recent" }).getByRole("option").first()).toHaveText(/Halden & Fjord/);
  });

  test("of somebody else's home and without the right are not there", async ({ page }) => {
    await signIn(page, "mina");
    await page.keyboard.press("Control+k");
    await expect(page.locator("ui-palette [data-kind]").first()).toBeVisible();
    for (const kind of ["Folders", "Files", "Companies", "People"]) await expect(page.getByRole("button", { name: kind, exact: true })).toHaveCount(0);
    await page.keyboard.type("weekly planning");
    await expect(page.locator(".p-none")).toBeVisible();
    await expect(page.getByRole("option")).toHaveCount(0);
  });

  test("lead on to all results", async ({ page }) => {
    await signIn(page, "lena");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("halden");
    await page.getByRole("option", { name: /All results for “halden”/ }).click();
    await expect(page).toHaveURL(/\/search\?q=halden$/);
    await expect(page.getByRole("link", { name: "Halden & Fjord", exact: true })).toBeVisible();
  });
});

test.describe("the search page", () => {
  test("narrows by type and date, forgives a typo and is accessible", async ({ page }) => {
    await signIn(page, "lena", "/search");
    await checkEverywhere(page);
    await page.getByRole("searchbox").fill("hladen");
    await page.getByRole("searchbox").press("Enter");
    await expect(page.getByText("These are results for")).toBeVisible();
    await page.locator("main").getByRole("link", { name: "halden", exact: true }).click();
    await expect(page).toHaveURL(/q=halden/);
    await page.getByRole("navigation", { name: "Types" }).getByRole("link", { name: "Folders" }).click();
    await page.getByRole("link", { name: "Last 7 days" }).click();
    await expect(page).toHaveURL(/kind=folder&q=halden&since=7d/);
    await expect(page.locator(".hits mark").first()).toHaveText("Halden");
    await checkEverywhere(page);
  });
});

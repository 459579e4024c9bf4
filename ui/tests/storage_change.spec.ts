import { checkEverywhere, expect, signIn, test } from "./house.ts";
import { entry, freshFolder, makeFolder, names, putFile, ready } from "./storage.ts";

test.describe("files and folders", () => {
  test.use({ allowed: ["422"] });

  test("a new folder is made with C, and a wrong name comes back with a sentence", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    await freshFolder(page, "make");
    await ready(page);
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "New folder" });
    await expect(dialog.getByLabel("Name")).toBeFocused();
    await page.keyboard.type("a/b");
    await page.keyboard.press("Enter");
    await expect(dialog.getByText("A name cannot contain / or \\.")).toBeVisible();
    await expect(dialog.getByLabel("Name")).toHaveValue("a/b");
    await dialog.getByLabel("Name").fill("Plans");
    await page.keyboard.press("Enter");
    await expect(entry(page, "Plans")).toBeVisible();
    await expect(dialog).toHaveCount(0);
  });

  test("the “+” menu makes a folder, too", async ({ page }) => {
    await signIn(page, "amir");
    await page.getByRole("button", { name: "Create" }).first().click();
    await page.getByRole("menuitem", { name: "New folder" }).click();
    await expect(page.getByRole("dialog", { name: "New folder" })).toBeVisible();
  });

  test("F2 renames without touching the ending, and Undo takes it back", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "rename");
    await putFile(page, folder, "Draft.txt");
    await putFile(page, folder, "Other.txt");
    await page.reload();
    await ready(page);
    await entry(page, "Draft.txt").click();
    await page.keyboard.press("F2");
    await expect(page.getByRole("dialog").getByLabel("Name")).toBeFocused();
    await page.keyboard.type("Final");
    await page.keyboard.press("Enter");
    await expect(entry(page, "Final.txt")).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(entry(page, "Draft.txt")).toBeVisible();
    await entry(page, "Draft.txt").click();
    await page.keyboard.press("F2");
    await page.getByRole("dialog").getByLabel("Name").fill("Other.txt");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toContainText("There is already something called Other.txt here.");
  });

  test("the picker moves and copies, folder by folder", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "picker");
    await makeFolder(page, folder, "Outer/Inner");
    await putFile(page, folder, "1.txt");
    await page.reload();
    await ready(page);
    await entry(page, "1.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Move to…" }).click();
    const dialog = page.getByRole("dialog", { name: "Move 1.txt" });
    await dialog.getByRole("link", { name: "Show folders in Outer" }).click();
    await dialog.getByText("Inner", { exact: true }).click();
    await checkEverywhere(page);
    await dialog.getByRole("button", { name: "Move" }).click();
    await expect(page.locator(".toast")).toContainText("1.txt moved to Inner");
    await expect(page.getByRole("navigation", { name: "Path" })).toContainText("Inner");
    await expect(entry(page, "1.txt")).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("navigation", { name: "Path" })).toContainText("picker");
    await expect(entry(page, "1.txt")).toBeVisible();
    await entry(page, "1.txt").hover();
    await page.getByRole("checkbox", { name: "Select 1.txt" }).click();
    await page.locator("[data-bulk]").getByRole("button", { name: "Copy" }).click();
    await page.getByRole("dialog").getByText("Outer", { exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Copy" }).click();
    await expect(page.locator(".toast")).toContainText("1.txt copied to Outer");
  });

  test("dragging onto a folder and onto the path moves, and asks where a name is taken", async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: 1000 }); // a page that need not scroll: scrolling ends a drag
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "drag");
    const box = await makeFolder(page, folder, "Box");
    await putFile(page, folder, "1.txt");
    await putFile(page, folder, "2.txt");
    await page.reload();
    await ready(page);
    await entry(page, "1.txt").click();
    await entry(page, "2.txt").click({ modifiers: ["Control"] });
    await entry(page, "1.txt").dragTo(entry(page, "Box"));
    await expect(page.locator(".toast")).toContainText("2 items moved to Box");
    expect(await names(page)).toEqual(["Box"]);
    await putFile(page, folder, "1.txt", "another");
    await page.goto(`/storage/f/${box}`);
    await ready(page);
    await entry(page, "1.txt").dragTo(page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: /^drag/ }));
    const dialog = page.getByRole("dialog", { name: "1.txt is already there" });
    await dialog.getByRole("button", { name: "Keep both" }).click();
    await expect(page.locator(".toast")).toContainText("moved to");
    await page.goto(`/storage/f/${folder}`);
    expect(await names(page)).toEqual(["Box", "1 (2).txt", "1.txt"]);
  });

  test("several things are deleted with Del and come back with Undo", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "delete");
    for (const name of ["1.txt", "2.txt", "3.txt"]) await putFile(page, folder, name);
    await page.reload();
    await ready(page);
    await entry(page, "1.txt").click();
    await entry(page, "2.txt").click({ modifiers: ["Shift"] });
    await page.keyboard.press("Delete");
    await expect(page.locator(".toast")).toContainText("2 items deleted");
    expect(await names(page)).toEqual(["3.txt"]);
    await expect(entry(page, "3.txt").getByRole("link").first()).toBeFocused();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(entry(page, "1.txt")).toBeVisible();
    expect(await names(page)).toEqual(["1.txt", "2.txt", "3.txt"]);
  });

  test("one file downloads as it is, several as an archive", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "download");
    for (const name of ["1.txt", "2.txt"]) await putFile(page, folder, name, `content of ${name}`);
    await page.reload();
    await ready(page);
    await entry(page, "1.txt").click();
    const [one] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    expect(one.suggestedFilename()).toBe("1.txt");
    await page.keyboard.press("Control+a");
    const [two] = await Promise.all([page.waitForEvent("download"), page.locator("[data-bulk]").getByRole("button", { name: "Download" }).click()]);
    expect(two.suggestedFilename()).toBe("Files.zip");
  });
});

test.describe("Deleted files", () => {
  test.use({ allowed: ["422"] });

  test("restores, deletes forever with a list of what is lost, and empties after the word", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "trash");
    for (const name of ["keep.txt", "lose.txt", "rest.txt"]) await putFile(page, folder, name);
    await page.reload();
    await ready(page);
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await expect(page.locator(".toast")).toBeVisible();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Deleted files" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Deleted files.");
    await checkEverywhere(page);
    await page.getByRole("row", { name: /keep\.txt/ }).hover();
    await page.getByRole("button", { name: "Restore keep.txt" }).click();
    await expect(page.locator(".toast")).toContainText("keep.txt restored to /trash");
    await page.getByRole("row", { name: /lose\.txt/ }).hover();
    await page.getByRole("link", { name: "Delete lose.txt forever" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete lose.txt forever?" });
    await expect(dialog).toContainText("lose.txt");
    await dialog.getByRole("button", { name: "Delete forever" }).click();
    await expect(page.locator(".toast")).toContainText("1 item deleted forever");
    await page.getByRole("link", { name: "Empty trash" }).click();
    const verb = page.getByRole("dialog").getByRole("button", { name: "Empty trash" });
    await expect(verb).toBeDisabled();
    await page.getByRole("dialog").getByLabel("Type “empty” to confirm").fill("empty");
    await verb.click();
    await expect(page.getByText("Nothing deleted")).toBeVisible();
    await page.goto(`/storage/f/${folder}`);
    expect(await names(page)).toEqual(["keep.txt"]);
  });
});

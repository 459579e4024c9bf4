import type { Page } from "@playwright/test";
import { checkEverywhere, expect, signIn, test } from "./house.ts";

/** Adds a company by the dialog and answers the address of its page. */
async function addCompany(page: Page, fields: Record<string, string>): Promise<string> {
  await page.goto("/contacts");
  await page.getByRole("link", { name: "New Company" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New Company" });
  await expect(dialog.getByLabel("Legal Name")).toBeFocused();
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value);
  await dialog.getByRole("button", { name: "Add Company" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(fields["Legal Name"] ?? "");
  return new URL(page.url()).pathname;
}

test.describe("fields of one's own", () => {
  test("a field is added, filled, found and removed in dialogs", async ({ page }) => {
    await signIn(page, "lena", "/contacts/people/fields");
    const label = `Badge ${Date.now()}`;
    await page.getByRole("link", { name: "New Field" }).first().click();
    const dialog = page.getByRole("dialog", { name: "New Field" });
    const choices = dialog.getByLabel("Choices").first(); // those of single languages come below
    await expect(choices).toBeHidden();
    await dialog.getByLabel("Kind").selectOption({ label: "Choice" });
    await expect(choices).toBeVisible();
    await dialog.getByLabel("Visible to").selectOption({ label: "Chosen roles" });
    await expect(dialog.getByLabel("Employee")).toBeVisible();
    await dialog.getByLabel("Visible to").selectOption({ label: "Whoever sees the record" });
    await dialog.getByLabel("Name").first().fill(label);
    await choices.fill("Red\nBlue");
    await dialog.getByLabel("Show as a column of the list").check();
    await dialog.getByRole("button", { name: "Add Field" }).click();
    await expect(page.getByRole("link", { name: label, exact: true })).toBeVisible();

    await page.goto("/contacts/people");
    await expect(page.getByRole("columnheader", { name: label })).toBeVisible();
    await page.goto("/contacts/people/fields");
    await page.getByRole("link", { name: `Change ${label}` }).click();
    await page.getByRole("dialog").getByRole("link", { name: "Remove Field" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove Field" }).click();
    await expect(page.getByRole("heading", { name: "Removed fields" })).toBeVisible();
    await expect(page.getByRole("button", { name: `Restore ${label}` })).toBeVisible();
  });

  test("an amount of money has its currency beside it", async ({ page }) => {
    await signIn(page, "lena", "/contacts");
    const path = await addCompany(page, { "Legal Name": `Volume ${Date.now()} AG`, "Yearly Volume": "1'250.50" }).catch(() => "");
    expect(path, "an amount without a currency is refused, and stays in the dialog").toBe("");
    const dialog = page.getByRole("dialog", { name: "New Company" });
    await dialog.getByLabel("Currency").selectOption("CHF");
    await dialog.getByRole("button", { name: "Add Company" }).click();
    await expect(page.locator(".dl").getByText("CHF 1,250.50")).toBeVisible();
  });
  test.use({ allowed: ["422"] });
});

test.describe("duplicates", () => {
  test("two are compared, merged and taken apart with the keyboard alone", async ({ page }) => {
    await signIn(page, "lena", "/contacts");
    const stamp = String.fromCharCode(...Array.from({ length: 8 }, () => 97 + Math.floor(Math.random() * 26)));
    const kept = await addCompany(page, { "Legal Name": `Quittenbaum ${stamp} AG`, City: "Olten" });
    const gone = await addCompany(page, { "Legal Name": `Quitenbaum ${stamp}`, Website: `${stamp}.example` });
    await page.goto("/contacts/duplicates");
    const pair = page.getByRole("region", { name: new RegExp(stamp) });
    await expect(pair.getByText("Similar name")).toBeVisible();
    await pair.getByRole("link", { name: "Compare and Merge" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Compare and Merge");
    const site = page.getByRole("group", { name: "Website" });
    await expect(site.getByRole("radio").nth(1)).toBeChecked();
    await site.getByRole("radio").nth(1).focus();
    await page.keyboard.press("ArrowUp");
    await expect(site.getByRole("radio").nth(0)).toBeChecked();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("button", { name: "Merge Companies" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === kept || url.pathname === gone);
    await expect(page.getByText(/was merged into/).first()).toBeVisible();
    await page.getByRole("button", { name: /^Undo Merge/ }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === kept || url.pathname === gone);
    for (const path of [kept, gone]) expect((await page.request.get(path, { maxRedirects: 0 })).status()).toBe(200);
  });
});

test.describe("scope", () => {
  test("who sees their own alone follows at once, also on a page that is open", async ({ page, browser }) => {
    await signIn(page, "lena", "/contacts");
    const name = `Hidden ${Date.now()} AG`;
    const path = await addCompany(page, { "Legal Name": name });
    const other = await (await browser.newContext({ baseURL: new URL(page.url()).origin })).newPage();
    await signIn(other, "noor", `/contacts?q=${encodeURIComponent(name)}`);
    await expect(other.getByText(name, { exact: true })).toBeVisible();
    const choose = async (scope: string): Promise<void> => {
      await page.goto("/contacts/scope");
      await page.getByRole("link", { name: "Change Noor Jansen" }).click();
      await page.getByRole("dialog").getByLabel(scope).check();
      await page.getByRole("dialog").getByRole("button", { name: "Save Scope" }).click();
      await expect(page.getByRole("dialog")).toHaveCount(0);
    };
    await choose("Own");
    await expect(other.getByText(name, { exact: true })).toHaveCount(0);
    expect((await other.request.get(path)).status()).toBe(404);
    await choose("As the roles say");
    await expect(other.getByText(name, { exact: true })).toBeVisible();
    await other.context().close();
  });
});

test("the pages about the whole directory are accessible", async ({ page }) => {
  await signIn(page, "lena", "/contacts/duplicates");
  const merge = await page.locator('a[href*="/contacts/merge"]').first().getAttribute("href") ?? "";
  for (const path of ["/contacts/duplicates", merge, "/contacts/fields", "/contacts/fields/new", "/contacts/fields/x_segment", "/contacts/scope", "/contacts/scope/role:employee"]) {
    await page.goto(path);
    await checkEverywhere(page);
  }
});

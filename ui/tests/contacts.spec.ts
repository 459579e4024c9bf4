import type { Page } from "@playwright/test";
import { checkEverywhere, expect, signIn, test } from "./house.ts";

/** Adds a company by the dialog and waits for its page. */
async function addCompany(page: Page, name: string): Promise<void> {
  await page.goto("/contacts");
  await page.getByRole("link", { name: "New Company" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New Company" });
  await expect(dialog.getByLabel("Legal Name")).toBeFocused();
  await dialog.getByLabel("Legal Name").fill(name);
  await dialog.getByRole("button", { name: "Add Company" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
}

test.describe("the directory", () => {
  test.use({ allowed: ["422"] });

  test("a mistake stays in the dialog with what was typed", async ({ page }) => {
    await signIn(page, "lena", "/contacts");
    await page.keyboard.press("c");
    await page.goto("/contacts");
    await page.getByRole("link", { name: "New Company" }).first().click();
    const dialog = page.getByRole("dialog", { name: "New Company" });
    await dialog.getByLabel("Legal Name").fill("X");
    await dialog.getByLabel("Website").fill("not a site");
    await dialog.getByRole("button", { name: "Add Company" }).click();
    await expect(dialog.getByText("At least 2 characters.")).toBeVisible();
    await expect(dialog.getByText("This is no web address.")).toBeVisible();
    await expect(dialog.getByLabel("Website")).toHaveValue(/not a site/);
    await dialog.getByRole("link", { name: "Cancel" }).click();
    await expect(dialog).toHaveCount(0);
  });

  test("two browsers follow each other, and a conflict is a choice", async ({ page, browser }) => {
    await signIn(page, "lena", "/contacts");
    const name = `Follow ${Date.now()} AG`;
    await addCompany(page, name);
    const profile = new URL(page.url()).pathname;
    const other = await (await browser.newContext({ baseURL: new URL(page.url()).origin })).newPage();
    await signIn(other, "lena", profile);
    await other.getByRole("link", { name: "Edit Company" }).click();
    const theirs = other.getByRole("dialog");
    await theirs.getByLabel("City").fill("Basel");

    await page.getByRole("link", { name: "Edit Company" }).click();
    await page.getByRole("dialog").getByLabel("City").fill("Thun");
    await page.getByRole("dialog").getByRole("button", { name: "Update Company" }).click();
    await expect(page.getByText("Thun", { exact: true })).toBeVisible();
    await expect(other.locator(".dl").getByText("Thun", { exact: true })).toBeVisible(); // behind the dialog, without a reload

    await theirs.getByRole("button", { name: "Update Company" }).click();
    await expect(theirs.getByText(/changed this from nothing to Thun at/)).toBeVisible();
    await theirs.getByLabel("Keep mine: Basel").check();
    await theirs.getByRole("button", { name: "Update Company" }).click();
    await expect(page.locator(".dl").getByText("Basel", { exact: true })).toBeVisible();
    await other.context().close();
  });

  test("hostile text is text in every field", async ({ page }) => {
    const evil = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "{{.}}<svg/onload=alert(1)>", "[[ user.name ]]</title><script>alert(1)</script>"];
    await signIn(page, "lena");
    for (const text of evil) {
      await page.goto("/contacts/new");
      for (const label of ["Legal Name", "Headquarters Address", "City"]) await page.getByLabel(label).fill(text);
      await page.getByLabel("Postal Code").fill(text.slice(0, 20));
      await page.getByLabel("VAT ID / Tax No").fill(text.slice(0, 40));
      await page.getByRole("button", { name: "Add Company" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText(text);
      await page.getByRole("link", { name: "Add Contact" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("First Name").fill(text);
      await dialog.getByLabel("Last Name").fill(text);
      await dialog.getByRole("button", { name: "Save Contact" }).click();
      await expect(page.locator(".contacts-who b")).toContainText(text);
      await page.goto(`/contacts?q=${encodeURIComponent(text)}`);
      await expect(page.locator(".record-name .name").first()).toContainText(text);
    }
  });

  test("rows are chosen, removed and brought back by Undo", async ({ page }) => {
    await signIn(page, "lena", "/contacts");
    const name = `Choose ${Date.now()} AG`;
    await addCompany(page, name);
    await page.goto(`/contacts?q=${encodeURIComponent(name)}`);
    await page.getByLabel(`Select ${name}`).check();
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect(page.getByText(`${name} lies in the bin.`)).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByText(name, { exact: true })).toBeVisible();
  });

  test("the name is typed before a company goes", async ({ page }) => {
    await signIn(page, "lena", "/contacts");
    const name = `Leave ${Date.now()} AG`;
    await addCompany(page, name);
    await page.getByRole("link", { name: "Remove", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("button", { name: "Delete Company" })).toBeDisabled();
    await dialog.getByRole("textbox").fill(name);
    await dialog.getByRole("button", { name: "Delete Company" }).click();
    await expect(page).toHaveURL(/\/contacts$/);
  });
});

test("list, profile and form are accessible everywhere", async ({ page }) => {
  await signIn(page, "lena", "/contacts");
  await checkEverywhere(page);
  await page.locator(".record-name a").first().click();
  await expect(page.locator(".contacts-profile")).toBeVisible();
  await checkEverywhere(page);
  await page.goto("/contacts/new");
  await checkEverywhere(page);
});

test("lists, people, chosen rows and the bin are accessible everywhere", async ({ page }) => {
  await signIn(page, "lena", "/contacts?f.country=CH");
  await page.locator("tbody .check").first().check();
  await expect(page.getByRole("button", { name: "Add to List" })).toBeVisible();
  await checkEverywhere(page);
  for (const path of ["/contacts/people", "/contacts/lists", "/contacts/bin", "/contacts/roles"]) {
    await page.goto(path);
    await checkEverywhere(page);
  }
});

test("a filter is saved as a list, and chosen companies go into another", async ({ page }) => {
  await signIn(page, "lena", "/contacts?f.country=DE");
  const name = `Germany ${Date.now()}`;
  await page.getByRole("link", { name: "Save as List" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Save List" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  await page.goto("/contacts/lists");
  await page.getByRole("link", { name: "New List" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill(`${name} by hand`);
  await page.getByRole("dialog").getByLabel("Holds").selectOption("companies");
  await page.getByRole("dialog").getByRole("button", { name: "Save List" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("by hand");
  await page.goto("/contacts?q=alpine");
  await page.getByLabel("Select Alpine Robotics AG").check();
  await page.getByRole("button", { name: "Add to List" }).click();
  await page.getByRole("dialog").getByLabel("List").selectOption(`${name} by hand`);
  await page.getByRole("dialog").getByRole("button", { name: "Add to List" }).click();
  await expect(page.getByText("Alpine Robotics AG", { exact: true })).toBeVisible();
});

import { checkAccess, checkEverywhere, expect, signIn, test } from "./house.ts";

test.describe("tokens and pickers", () => {
  test.use({ allowed: ["422"] });

  test("two brackets open the list, keys choose, an unknown token is named, the preview follows", async ({ page }) => {
    await signIn(page, "lena", "/contacts/messages");
    await page.goto("/contacts/messages/new");
    const text = page.getByLabel("Text", { exact: true });
    await text.click();
    await page.keyboard.type("Dear [[ fir");
    const list = page.getByRole("listbox", { name: "Tokens" });
    await expect(list.getByRole("option", { name: "First name of the contact" })).toBeVisible();
    await expect(list.getByRole("group", { name: "Contact Hub" })).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await expect(text).toHaveAttribute("aria-activedescendant", /pick-/);
    await page.keyboard.press("Escape");
    await expect(list).toHaveCount(0);
    await expect(text).toHaveValue("Dear [[ fir");
    await page.keyboard.type("s");
    await page.keyboard.press("Enter");
    await expect(text).toHaveValue(/^Dear \[\[ \S+first_name \]\]$/);
    await page.keyboard.type(", from [[ user.name ]] and [[ nobody.knows ]]");
    await expect(page.getByText("Unknown token: [[ nobody.knows ]]")).toBeVisible();
    await expect(page.locator(".token-preview output")).toContainText("from Lena Brandt and [[ nobody.knows ]]");
    await expect(page.locator(".token-mirror mark.bad")).toHaveText("[[ nobody.knows ]]");
    await checkEverywhere(page);
  });

  test("the wand writes the brackets, and takes them back", async ({ page }) => {
    await signIn(page, "lena", "/contacts/messages");
    await page.goto("/contacts/messages/new");
    const subject = page.getByLabel("Subject", { exact: true });
    await subject.fill("For ");
    await page.getByRole("button", { name: "Insert token" }).first().click();
    await expect(page.getByRole("listbox", { name: "Tokens" })).toBeVisible();
    await checkAccess(page);
    await page.keyboard.press("Escape");
    await expect(subject).toHaveValue("For ");
    await page.getByRole("button", { name: "Insert token" }).first().click();
    await page.keyboard.type("today");
    await page.getByRole("option", { name: /date\.today/ }).click();
    await expect(subject).toHaveValue("For [[ date.today ]]");
  });

  test("a template becomes a mail to one person, also from a dialog", async ({ page }) => {
    await signIn(page, "lena", "/contacts/messages");
    const name = `Greeting ${Date.now()}`;
    await page.getByRole("link", { name: "New Template" }).first().click();
    const dialog = page.getByRole("dialog", { name: "New Template" });
    await dialog.getByLabel("Name", { exact: true }).fill(name);
    await dialog.getByLabel("Subject", { exact: true }).fill("For [[ customer.legal_name ]]");
    await dialog.getByLabel("Text", { exact: true }).click();
    await page.keyboard.type("Dear [[contact.first_na");
    await page.keyboard.press("Enter"); // in the list, not in the text
    await expect(dialog.getByLabel("Text", { exact: true })).toHaveValue("Dear [[ contact.first_name ]]");
    await dialog.getByRole("button", { name: "Save Template" }).click();
    await expect(page.getByText(name).first()).toBeVisible();

    await page.goto("/contacts?q=Brasserie+Schuman");
    await page.locator("table tbody a").first().click();
    await page.getByRole("link", { name: /^Write to / }).first().click();
    await page.getByRole("link", { name }).click();
    await expect(page.locator(".contacts-letter h2")).toHaveText(/^For \S/);
    await expect(page.getByText(/^Dear \S+$/)).toBeVisible();
    await expect(page.getByRole("link", { name: "Open in Mail Program" })).toHaveAttribute("href", /^mailto:.*subject=For%20/);
    await checkEverywhere(page);
  });

  test("a company is found by a few letters, or made where it is missing", async ({ page }) => {
    await signIn(page, "lena", "/contacts/people");
    await page.goto("/contacts/people/new");
    const company = page.getByRole("combobox", { name: "Company" });
    await company.click();
    const list = page.getByRole("listbox", { name: "Company" });
    await expect(list.getByRole("option").first()).toBeVisible();
    await checkAccess(page);
    const name = `Picked ${Date.now()} AG`;
    await company.fill(name);
    await expect(list.getByRole("option", { name: `Create “${name}”` })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(company).toHaveValue("");
    await company.fill(name);
    await expect(list.getByRole("option", { name: `Create “${name}”` })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(company).toHaveValue(name);
    await page.getByLabel("First Name").fill("Ada");
    await page.getByLabel("Last Name").fill("Meyer");
    await page.getByRole("button", { name: "Save Contact" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
    await expect(page.getByText("Ada Meyer").first()).toBeVisible();

    await page.goto("/contacts/people");
    await page.getByRole("link", { name: "Add Contact" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Add Contact" });
    const field = dialog.locator("input[role=combobox]");
    await expect(field).toBeFocused();
    await page.keyboard.type(name);
    await expect(dialog.getByRole("listbox").getByRole("option", { name })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(field).toHaveValue(name);
  });

  test("tabs: changes of the company and its people, and what a missing rune would bring", async ({ page }) => {
    await signIn(page, "lena", "/contacts");
    await page.locator("table tbody a").first().click();
    await page.getByRole("link", { name: "Audit Log" }).click();
    await expect(page.locator(".record-trail li").first()).toBeVisible();
    await checkEverywhere(page);
    await page.getByRole("link", { name: "Tickets" }).click();
    await page.getByRole("link", { name: "Get this rune" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("not installed");
    await checkEverywhere(page);
    await page.goto("/bin");
    await checkEverywhere(page);
  });
});

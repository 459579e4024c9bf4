import type { Page } from "@playwright/test";
import { checkEverywhere, expect, signIn, test } from "./house.ts";

/** Adds a company by the dialog and waits for its page. */
async function addCompany(page: Page, name: string): Promise<void> {
  await page.goto("/contacts");
  await page.getByRole("link", { name: "New Company" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New Company" });
  await dialog.getByLabel("Legal Name").fill(name);
  await dialog.getByRole("button", { name: "Add Company" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
}

test("a note is written by keyboard, mentions a colleague, is pinned and deleted", async ({ page }) => {
  await signIn(page, "lena", "/contacts");
  await addCompany(page, `Notes ${Date.now()} AG`);
  await page.getByRole("link", { name: "Add Note" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Add Note" });
  const text = dialog.getByLabel("Note", { exact: true });
  await expect(text).toBeFocused();
  await text.pressSequentially("Ask @am");
  await expect(dialog.getByRole("option", { name: "Amir Haddad" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("Ask @Amir Haddad ");
  await text.pressSequentially("about <img src=x onerror=alert(1)> **prices** [x](javascript:alert(1))");
  await dialog.getByRole("button", { name: "Save note" }).click();
  const note = page.getByRole("article", { name: /Note by/ });
  await expect(note.locator("strong").first()).toHaveText("@Amir Haddad");
  await expect(note.locator("strong").nth(1)).toHaveText("prices");
  await expect(note.locator(".prose :is(img, a[href^=javascript])")).toHaveCount(0);
  await expect(page.getByText("wrote a note")).toBeVisible();
  await note.getByRole("button", { name: "Pin", exact: true }).click();
  await expect(note.getByText("Pinned")).toBeVisible();
  await checkEverywhere(page);
  await note.getByRole("link", { name: "Delete note" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete note" }).click();
  await expect(page.getByText("No notes yet")).toBeVisible();
});

test("who is mentioned finds the note from the bell", async ({ page, browser }) => {
  await signIn(page, "lena", "/contacts");
  const name = `Mention ${Date.now()} AG`;
  await addCompany(page, name);
  await page.getByRole("link", { name: "Add Note" }).click();
  await page.getByRole("dialog").getByLabel("Note", { exact: true }).fill("Look at this, @Amir Haddad");
  await page.getByRole("dialog").getByRole("button", { name: "Save note" }).click();
  await expect(page.getByRole("article", { name: /Note by/ })).toBeVisible();
  const other = await (await browser.newContext({ baseURL: new URL(page.url()).origin })).newPage();
  await signIn(other, "amir", "/notifications");
  await other.getByText(`You were mentioned in a note about ${name}`).click();
  await expect(other.getByText("Look at this,")).toBeVisible();
});

test("a file is chosen, opened from the list and deleted", async ({ page }) => {
  await signIn(page, "lena", "/contacts");
  await addCompany(page, `Files ${Date.now()} AG`);
  const files = page.locator("#files");
  await files.locator("input[type=file]").setInputFiles({ name: "offer ü.txt", mimeType: "text/plain", buffer: Buffer.from("the offer") });
  await expect(files.getByRole("link", { name: "offer ü.txt", exact: true })).toBeVisible();
  const download = page.waitForEvent("download");
  await files.getByRole("link", { name: "offer ü.txt", exact: true }).click();
  expect((await download).suggestedFilename()).toBe("offer ü.txt");
  await checkEverywhere(page);
  await files.getByRole("link", { name: "Delete offer ü.txt" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete file" }).click();
  await expect(files.locator("li")).toHaveCount(0);
  await expect(page.getByText("deleted the file offer ü.txt")).toBeVisible();
});

test("a phone gets an app password that is shown once, and loses it", async ({ page }) => {
  await signIn(page, "lena", "/contacts/sync");
  await checkEverywhere(page);
  await page.getByRole("link", { name: "New app password" }).click();
  const label = `Phone ${Date.now()}`;
  await page.getByRole("dialog").getByLabel("Name").fill(label);
  await page.getByRole("dialog").getByRole("button", { name: "Create app password" }).click();
  await expect(page.getByLabel("App password", { exact: true })).toHaveValue(/^([a-z0-9]{5}-){6}[a-z0-9]{5}$/);
  await page.getByRole("link", { name: "Done" }).click();
  await expect(page.getByText(label)).toBeVisible();
  await page.getByRole("link", { name: `Revoke ${label}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.locator(".contacts-device-list").getByText(label)).toHaveCount(0);
});

import { checkEverywhere, expect, signIn, test } from "./house.ts";

test.describe("what reaches a person", () => {
  test("channels, quiet hours and what cannot be turned off", async ({ page }) => {
    await signIn(page, "noor", "/preferences/notifications");
    const mail = page.getByRole("checkbox", { name: /^E-Mail: Das eigene Passwort/ });
    await expect(mail).toBeChecked();
    await expect(page.getByRole("checkbox", { name: /^Glocke: Das eigene Passwort/ })).toBeDisabled();
    await checkEverywhere(page);
    await mail.uncheck();
    await page.getByLabel("Von", { exact: true }).fill("22:00");
    await page.getByLabel("Bis", { exact: true }).fill("07:00");
    await page.getByRole("button", { name: "Einstellungen speichern" }).click();
    await expect(page.getByText("Die Auswahl ist gespeichert.")).toBeVisible();
    await expect(mail).not.toBeChecked();
    await expect(page.getByLabel("Von", { exact: true })).toHaveValue("22:00");
    await mail.check();
    await page.getByLabel("Von", { exact: true }).fill("");
    await page.getByLabel("Bis", { exact: true }).fill("");
    await page.getByRole("button", { name: "Einstellungen speichern" }).click();
    await expect(mail).toBeChecked();
  });

  test("the organisation locks a choice, and it is said so", async ({ page, browser }) => {
    await signIn(page, "lena", "/preferences/notifications");
    await page.getByRole("link", { name: "Defaults for everybody" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Defaults for everybody");
    const lock = page.getByRole("checkbox", { name: /^Lock: Email: A company becomes yours/ });
    await lock.check({ force: true });
    await checkEverywhere(page);
    await page.getByRole("button", { name: "Save Defaults" }).click();
    await expect(page.getByText("The choices are saved.")).toBeVisible();
    const other = await (await browser.newContext({ baseURL: new URL(page.url()).origin })).newPage();
    await signIn(other, "amir", "/preferences/notifications");
    await expect(other.getByRole("checkbox", { name: /^Email: A company becomes yours/ })).toBeDisabled();
    await other.context().close();
    await lock.uncheck({ force: true });
    await page.getByRole("button", { name: "Save Defaults" }).click();
    await expect(lock).not.toBeChecked();
  });

  test("a company that becomes mine rings at once; it can be read, made new again and muted", async ({ page, browser }) => {
    await signIn(page, "lena", "/contacts/new");
    const name = `Given ${Date.now()} AG`;
    await page.getByLabel("Legal Name").fill(name);
    await page.getByRole("button", { name: "Add Company" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
    const other = await (await browser.newContext({ baseURL: new URL(page.url()).origin })).newPage();
    await signIn(other, "amir", "/notifications");
    const give = async (owner: string): Promise<void> => {
      await page.getByRole("link", { name: "Edit Company" }).click();
      await page.getByRole("dialog").getByLabel("Owner", { exact: true }).selectOption({ label: owner });
      await page.getByRole("dialog").getByRole("button", { name: "Update Company" }).click();
      await expect(page.getByRole("dialog")).toHaveCount(0);
    };
    await give("Amir Haddad");
    await expect(other.getByRole("button", { name: /Notifications, \d+ unread/ })).toBeVisible();
    await other.goto("/notifications?rune=contacts");
    const line = other.locator(".notes li").filter({ hasText: name });
    await expect(line).toContainText(`${name} is yours now`);
    await expect(line).toContainText("Lena Brandt");
    await checkEverywhere(other);
    await line.getByRole("button", { name: "Mark as read" }).click();
    await expect(line).toHaveCount(0);
    await other.goto("/notifications?all=1&rune=contacts");
    await line.getByRole("button", { name: "Mark as unread" }).click();
    await expect(line.getByRole("button", { name: "Mark as read" })).toBeVisible();
    await line.getByRole("button", { name: "Mute this" }).click();
    await expect(other.getByText("Nothing more will come about this.")).toBeVisible();
    await other.goto("/preferences/notifications");
    await expect(other.getByText(`${name} is yours now`)).toBeVisible();
    await give("Lena Brandt");
    await give("Amir Haddad");
    await other.goto("/notifications?all=1&rune=contacts");
    await expect(line).toHaveCount(1);
    await other.goto("/preferences/notifications");
    await other.getByRole("button", { name: `Unmute: ${name} is yours now` }).click();
    await expect(other.getByText("Nothing is muted.")).toBeVisible();
    await other.context().close();
  });
});

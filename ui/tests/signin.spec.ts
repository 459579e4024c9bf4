import { address, checkEverywhere, expect, signIn, tabTo, test } from "./house.ts";
import { person } from "./people.ts";

test.describe("sign-in", () => {
  test("leads to Home and says who is there", async ({ page }) => {
    await signIn(page, "lena");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Lena");
    await expect(page).toHaveTitle(/Home \| RUNES/);
  });

  test("leads back to the page that was asked for", async ({ page }) => {
    await page.goto("/preferences");
    await expect(page).toHaveURL(/\/login\?next=%2Fpreferences$/);
    await page.getByLabel("Email").fill(person("amir").email);
    await page.getByLabel("Password", { exact: true }).fill(person("amir").password);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/preferences$/);
  });

  test.describe("with a wrong password", () => {
    test.use({ allowed: ["401"] });
    test("keeps the email, says what to do and opens nothing", async ({ page }) => {
      await page.goto("/login");
      await page.getByLabel("Email").fill(person("tomas").email);
      await page.getByLabel("Password", { exact: true }).fill("not the password");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await expect(page.getByRole("alert").filter({ hasText: /\S/ }).first()).toBeVisible();
      await expect(page.getByLabel("Email")).toHaveValue(person("tomas").email);
      await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
      await page.goto("/preferences");
      await expect(page).toHaveURL(/\/login/);
    });
  });

  test("shows the password when asked and hides it again", async ({ page }) => {
    await page.goto("/login");
    const field = page.getByLabel("Password", { exact: true });
    await field.fill("secret words");
    await page.getByRole("button", { name: "Show password" }).click();
    await expect(field).toHaveAttribute("type", "text");
    await page.getByRole("button", { name: "Show password" }).click();
    await expect(field).toHaveAttribute("type", "password");
  });

  test("works by keyboard alone", async ({ page }) => {
    await page.goto("/login");
    await page.keyboard.type(person("noor").email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(person("noor").password);
    await tabTo(page, "Sign in");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Noor");
  });

  test("ends with sign-out, also for the Back button", async ({ page }) => {
    await signIn(page, "lena", "/preferences");
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/login$/);
    await page.goBack();
    await expect(page).toHaveURL(/\/login/);
    await expect(page.getByLabel("Email")).toBeVisible();
  });

  test("is accessible in both themes and on phones", async ({ page }) => {
    await page.goto("/login");
    await checkEverywhere(page);
  });

  test("speaks the browser's language", async ({ browser }) => {
    const context = await browser.newContext({ locale: "de-CH", baseURL: address() });
    const page = await context.newPage();
    await page.goto("/login");
    await expect(page.getByRole("button", { name: "Anmelden", exact: true })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await context.close();
  });
});

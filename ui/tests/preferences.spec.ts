import { expect, signIn, test } from "./house.ts";
import { person } from "./people.ts";

test.describe("preferences", () => {
  test("are saved, said so, and hold on the next page", async ({ page }) => {
    await signIn(page, "amir", "/preferences");
    await page.getByLabel("Time zone").selectOption("America/New_York");
    await page.getByRole("radio", { name: "Dark" }).check();
    await page.getByRole("button", { name: "Save Preferences" }).click();
    await expect(page.getByRole("status").filter({ hasText: /saved/ })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.reload();
    await expect(page.getByLabel("Time zone")).toHaveValue("America/New_York");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.getByLabel("Time zone").selectOption("Europe/Zurich");
    await page.getByRole("radio", { name: "System" }).check();
    await page.getByRole("button", { name: "Save Preferences" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "system");
  });

  test.describe("with a wrong current password", () => {
    test.use({ allowed: ["422", "401"] });
    test("the password stays as it was and the field says why", async ({ page }) => {
      await signIn(page, "lena", "/preferences/password");
      await page.getByLabel("Current password").fill("not this one");
      await page.getByLabel("New password").fill("a longer and better one");
      await page.getByRole("button", { name: "Change password" }).click();
      await expect(page.locator('[aria-invalid="true"]').first()).toBeFocused();
      await expect(page.locator(".err").first()).toBeVisible();
    });
  });

  test("the password can be changed and changed back", async ({ page }) => {
    const { password } = person("mina");
    await signIn(page, "mina", "/preferences/password");
    for (const [now, next] of [[password, "a quite different one"], ["a quite different one", password]]) {
      await page.goto("/preferences/password");
      await page.locator("[autocomplete=current-password]").fill(now ?? "");
      await page.locator("[autocomplete=new-password]").fill(next ?? "");
      await page.locator("#main .btn-primary").click();
      await expect(page.locator(".toast")).toBeVisible();
    }
  });
});

import { checkEverywhere, expect, test } from "./house.ts";
import { startHouse, type House } from "./server.ts";

/** The first run has a server of its own: the suite's has a workspace already. */
test.describe("the first run", () => {
  let house: House;
  test.beforeAll(async () => { house = await startHouse([]); });
  test.afterAll(async () => { await house.stop(); });

  test.describe("with a wrong code", () => {
    test.use({ allowed: ["422", "401", "403"] });
    test("stays at the first step and says what to do", async ({ page }) => {
      await page.goto(house.address);
      await expect(page).toHaveURL(/\/setup$/);
      await page.getByLabel("One-time code").fill("AAAA-BBBB-CCCC-DDDD");
      await page.getByRole("button", { name: /^Next/ }).click();
      await expect(page.locator(".alert, .err").first()).toBeVisible();
      await expect(page.getByLabel("One-time code")).toHaveValue("AAAA-BBBB-CCCC-DDDD");
    });
  });

  test("leads from the code over the organisation and the owner to sign-in", async ({ page }) => {
    const code = /[A-Z2-7]{4}(-[A-Z2-7]{4}){3}/.exec(house.log())?.[0] ?? "";
    expect(code, "the code in the server's output").not.toBe("");
    await page.goto(`${house.address}/setup`);
    await checkEverywhere(page);
    await page.getByLabel("One-time code").fill(code);
    await page.getByRole("button", { name: /^Next/ }).click();
    await page.getByLabel("Name of the organisation").fill("Fjällvik Möbel");
    await checkEverywhere(page);
    await page.getByRole("button", { name: /^Next/ }).click();
    await page.getByRole("button", { name: "Back" }).click();
    await expect(page.getByLabel("Name of the organisation")).toHaveValue("Fjällvik Möbel");
    await page.getByRole("button", { name: /^Next/ }).click();
    await page.getByLabel("Your name").fill("Nils Ek");
    await page.getByLabel("Email").fill("nils@fjallvik.example");
    await page.getByLabel("Password", { exact: true }).fill("four calm pines at dusk");
    await checkEverywhere(page);
    await page.getByRole("button", { name: "Create Workspace" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("All set");
    await page.getByRole("link", { name: "Go to Sign-in" }).click();
    await page.getByLabel("Email").fill("nils@fjallvik.example");
    await page.getByLabel("Password", { exact: true }).fill("four calm pines at dusk");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Nils");
    const again = await page.request.get(`${house.address}/setup`);
    expect(again.status()).toBe(404);
  });
});

import { checkEverywhere, expect, signIn, test } from "./house.ts";

test.describe("who is in, and who may do what", () => {
  // The page of somebody who is shut out asks for itself once more and is refused.
  test.use({ allowed: ["the server responded with a status of 4"] });

  test("invited, joined in a second browser, given a role that shows at once, shut out", async ({ page, browser }) => {
    const email = `ida.${Date.now()}@halden-fjord.example`;
    await signIn(page, "lena", "/team");
    await page.getByRole("link", { name: "Invite User" }).first().click();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("checkbox", { name: /^Guest/ }).check();
    await page.getByRole("button", { name: "Create Invitation" }).click();
    const link = await page.locator("#team-link").inputValue();

    const context = await browser.newContext({ baseURL: new URL(page.url()).origin, locale: "en-GB" });
    const other = await context.newPage();
    await other.goto(new URL(link).pathname);
    await other.getByLabel("First name").fill("Ida");
    await other.getByLabel("Last name").fill("Nyman");
    await other.locator("[name=password]").fill("three quiet fjords");
    await other.getByRole("button", { name: /Halden/ }).click();
    await other.waitForURL((url) => url.pathname === "/");
    await expect(other.getByRole("navigation").getByRole("link", { name: "Contact Hub" })).toHaveCount(0);

    await page.goto(`/team?who=guests&q=${encodeURIComponent(email)}`);
    await page.getByRole("link", { name: /Ida Nyman/ }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Ida Nyman");
    const profile = page.url();
    await page.getByRole("link", { name: "Add Role" }).click();
    await page.getByRole("checkbox", { name: /^Employee/ }).check();
    await page.getByRole("button", { name: "Add Roles" }).click();
    await expect(other.getByRole("link", { name: "Contact Hub" }).first()).toBeVisible();

    await page.goto(profile);
    await page.getByRole("button", { name: "Suspend" }).click();
    await other.waitForURL((url) => url.pathname === "/login");
    await context.close();
  });

  test("a list of people is read, looked at and invited, with a list of their links", async ({ page }) => {
    const email = `uma.${Date.now()}@halden-fjord.example`;
    await signIn(page, "lena", "/team/import");
    const list = `Email;Name;Roles\n${email};Uma Ek;Employee\nlena.brandt@halden-fjord.example;Lena;\nnobody;Wrong;\n`;
    await page.locator("[name=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
    await expect(page.getByText("1 person would be invited.")).toBeVisible();
    await expect(page.getByText("Already a member")).toBeVisible();
    await checkEverywhere(page);
    await page.getByRole("button", { name: "Invite 1 Person" }).click();
    await expect(page.getByText("1 person is invited.")).toBeVisible();
    await checkEverywhere(page);
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download List" }).click()]);
    expect(file.suggestedFilename()).toBe("invitations.csv");
  });

  test("an invitation by the page shows its link, as the dialog does", async ({ page }) => {
    await signIn(page, "lena", "/team/invite");
    await page.getByLabel("Email").fill(`ole.${Date.now()}@halden-fjord.example`);
    await page.getByLabel("Employee").check();
    await page.getByRole("button", { name: "Create Invitation" }).click();
    await expect(page.getByText(/\/join\//).or(page.locator("input[value*='/join/']")).first()).toBeVisible();
    await expect(page.locator(".crumbs").getByText("Team Management")).toHaveCount(1);
  });

  test("every page of the team is open to everybody", async ({ page }) => {
    test.setTimeout(240_000);
    await signIn(page, "lena", "/team");
    const noor = await page.locator("a.row.co", { hasText: "Noor Jansen" }).getAttribute("href") ?? "";
    for (const path of ["/team", "/team?who=guests", "/team/import", "/team/roles", "/team/roles/new", "/team/exceptions", "/team/factors", "/team/letter", noor, `${noor}/deactivate`, `${noor}/why/manage_users`]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await checkEverywhere(page);
    }
  });
});

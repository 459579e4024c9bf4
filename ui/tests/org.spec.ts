import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { checkEverywhere, expect, tabTo, test } from "./house.ts";
import { demoPassword, person } from "./people.ts";
import { binary, startHouse, type House } from "./server.ts";

// A house of its own: with a second organisation the appliance's own address is nobody's any more.
let house: House;
test.beforeAll(async () => {
  house = await startHouse(["--demo", "--dev", "--organisations", "self-service", "--registration", "open"], { RUNES_DEMO_PASSWORD: demoPassword });
  const secret = join(house.data, "password");
  writeFileSync(secret, demoPassword, { mode: 0o600 });
  const run = (...args: string[]): void => {
    execFileSync(binary, [...args, "--data", house.data, "--key", house.key], { stdio: "pipe" });
  };
  run("tenant", "create", "--slug", "globex", "--name", "Globex Maschinenbau GmbH & Co. KG", "--email", "gus@globex.example", "--owner", "Gus Hill", "--password-file", secret);
  run("user", "add", "--tenant", "globex", "--email", person("lena").email, "--name", "Lena Brandt", "--password-file", "/dev/null");
});
test.afterAll(async () => { await house.stop(); });

const at = (host: string, path: string): string => `http://${host}localhost:${new URL(house.address).port}${path}`;

test.describe("a wrong password", () => {
  test.use({ allowed: ["status of 401"] });
  test("is refused on the appliance's own host, and the address stays", async ({ page }) => {
    await page.goto(at("", "/"));
    await expect(page).toHaveURL(at("", "/login"));
    await page.getByLabel("Email").fill(person("lena").email);
    await page.getByLabel("Password", { exact: true }).fill("not the password at all");
    await page.keyboard.press("Enter");
    await expect(page.locator(".alert")).toBeVisible();
    await expect(page.getByLabel("Email")).toHaveValue(person("lena").email);
    await checkEverywhere(page);
  });
});

/** What the server says to this browser; other programs do not know names below localhost. */
const answerOf = (page: Page, href: string): Promise<number> => page.evaluate(async (to) => (await fetch(to)).status, href);

test.use({ allowed: ["status of 404", "status of 401"] });
test("one sign-in shows the organisations, and the keyboard leads into one and on to the next", async ({ page }) => {
  await page.goto(at("", "/login"));
  await checkEverywhere(page);
  await page.getByLabel("Email").fill(person("lena").email);
  await page.getByLabel("Password", { exact: true }).fill(demoPassword);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Organizations.");
  await checkEverywhere(page);

  await tabTo(page, "Open Globex Maschinenbau GmbH & Co. KG");
  await page.keyboard.press("Enter");
  await page.waitForURL(/globex\.localhost:\d+\/login\/arrive/);
  await expect(page.getByText("as Lena Brandt")).toBeVisible();
  await checkEverywhere(page);
  await page.locator("form .btn-primary").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(at("globex.", "/"));

  await page.goto(at("globex.", "/organizations"));
  await expect(page.getByText("You are here")).toBeVisible();
  await checkEverywhere(page);
  await page.getByRole("button", { name: "Open Halden & Fjord" }).click();
  await page.waitForURL(/demo\.localhost:\d+\/login\/arrive/);
  const used = page.url();
  await page.locator("form .btn-primary").click();
  await page.waitForURL(at("demo.", "/"));

  // Owner here, not there: the settings of the organisation are on this side alone.
  await page.getByRole("link", { name: "Organisation Settings" }).click();
  await expect(page.locator("main section h2")).toHaveText([
    "Set up your organisation", "Name and appearance", "Themes", "Access and roles", "Password and Authentication", "Member settings", "Advanced settings",
    "Restore and purge", "Plans and billing", "Security and data",
  ]);
  await checkEverywhere(page);
  const hrefs = await page.locator("main section a.btn").evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
  expect(hrefs.length).toBeGreaterThan(8);
  for (const href of hrefs) expect(await answerOf(page, href), href).toBe(200);
  await page.goto(at("globex.", "/"));
  await expect(page.getByRole("link", { name: "Organisation Settings" })).toHaveCount(0);
  expect(await answerOf(page, "/settings")).toBe(404);
  await page.goto(used);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("That took too long.");
});

test("a fresh account makes an organisation; what is typed is checked at once and stays", async ({ page }) => {
  await page.goto(at("", "/login"));
  await page.getByRole("link", { name: "Create account" }).click();
  await page.getByLabel("Your name").fill("Nils Ek");
  await page.getByLabel("Email").fill("nils@fjallvik.example");
  await page.getByLabel("Password", { exact: true }).fill(demoPassword);
  await page.keyboard.press("Enter");
  await page.waitForURL(at("", "/organizations/new"));

  const name = page.getByLabel("Company name");
  await name.fill("halden&FJORD");
  await expect(page.locator(".field .err")).toHaveText("There already is an organisation called halden&FJORD.");
  await checkEverywhere(page);
  await name.fill("Fjällvik Möbel");
  await expect(page.locator(".field .err")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await page.waitForURL(at("", "/organizations/new/details"));

  const slug = page.getByLabel("Subdomain");
  await expect(slug).toHaveValue("fjaellvik-moebel");
  await slug.fill("demo");
  await expect(page.locator(".field .err")).toContainText("taken");
  await slug.fill("fjallvik");
  await expect(page.getByText("fjallvik.localhost is free.").first()).toBeVisible();
  await page.getByLabel("Country").selectOption("SE");
  await page.getByLabel("VAT ID").fill("SE123456789701");
  await page.getByLabel("Time zone").selectOption("Europe/Stockholm");
  const kept = page.waitForResponse((r) => r.url().endsWith("/details") && r.request().method() === "POST");
  await page.getByLabel("City").fill("Kiruna");
  await kept;
  await page.reload();
  await expect(page.getByLabel("City")).toHaveValue("Kiruna");
  await checkEverywhere(page);
  await page.getByRole("button", { name: /^Next/ }).click();

  await page.getByText("Files", { exact: true }).click();
  await expect(page.getByRole("checkbox", { name: /Contact Hub/ })).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: /Cloud Storage/ })).toBeChecked();
  await checkEverywhere(page);
  await page.getByRole("button", { name: /^Next/ }).click();
  await expect(page.getByText("Kiruna")).toBeVisible();
  await checkEverywhere(page);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.waitForURL(/fjallvik\.localhost:\d+\/login\/arrive/);
  await page.locator("form .btn-primary").click();
  await page.waitForURL(at("fjallvik.", "/"));
  await expect(page.getByRole("link", { name: "Cloud Storage" }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Contact Hub" })).toHaveCount(0);
});

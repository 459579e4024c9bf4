import { checkEverywhere, expect, signIn, test } from "./house.ts";

test.describe("Desktop Sync", () => {
  test.use({ allowed: ["422"] });

  test("shows where to connect, makes an app password once and revokes it", async ({ page, context }, info) => {
    const name = `Office laptop ${info.retry}`;
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(page, "amir", "/storage/sync");
    await expect(page.getByRole("textbox", { name: "Server Address" })).toHaveValue(new URL(page.url()).origin);
    await page.getByRole("button", { name: "Copy Server Address" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(new URL(page.url()).origin);
    await checkEverywhere(page);
    await page.getByRole("link", { name: "New app password" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name*").fill("   ");
    await dialog.getByRole("button", { name: "Create app password" }).click();
    await expect(dialog.getByText("Give the device a name.")).toBeVisible();
    await dialog.getByLabel("Name*").fill(name);
    await page.keyboard.press("Enter");
    await expect(dialog).toContainText(`App password for ${name}`);
    const secret = await dialog.getByRole("textbox", { name: "App password" }).inputValue();
    expect(secret.length).toBeGreaterThan(20);
    await checkEverywhere(page);
    await dialog.getByRole("link", { name: "Done" }).click();
    await expect(page.getByRole("row", { name })).toContainText("Not used yet");
    expect(await page.content()).not.toContain(secret);

    const files = await page.request.fetch("/remote.php/webdav/", { method: "PROPFIND", headers: {
      Depth: "0", Authorization: `Basic ${Buffer.from(`${await page.getByRole("textbox", { name: "Username" }).inputValue()}:${secret}`).toString("base64")}`,
      "User-Agent": "Mozilla/5.0 (Linux) mirall/3.7.3 (Nextcloud)" } });
    expect(files.status()).toBe(207);
    await expect(async () => { // a use is noted beside the answer, not before it
      await page.reload();
      await expect(page.getByRole("row", { name })).toContainText("Nextcloud desktop client, Linux", { timeout: 1000 });
    }).toPass({ timeout: 60_000 });
    await checkEverywhere(page);

    await page.getByRole("link", { name: `Revoke ${name}` }).click();
    await expect(dialog).toContainText(`Revoke ${name}?`);
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await expect(page.locator(".toast")).toContainText(`${name} can no longer get in`);
    await expect(page.getByRole("row", { name })).toHaveCount(0);
  });

  test("a client that asks is let in by one press, and only once", async ({ page, allowed }) => {
    allowed.push("404");
    await signIn(page, "amir");
    const begun = await page.request.post("/index.php/login/v2", { headers: { "User-Agent": "Mozilla/5.0 (Linux) mirall/3.7.3 (Nextcloud)" } });
    const { login, poll }: { login: string; poll: { token: string; endpoint: string } } = await begun.json();
    await page.goto(login);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nextcloud desktop client, Linux asks for access");
    await checkEverywhere(page);
    await page.getByRole("button", { name: "Grant access" }).click();
    await expect(page.getByText("You can close this window.")).toBeVisible();
    await checkEverywhere(page);
    const answer = await page.request.post(poll.endpoint, { form: { token: poll.token } });
    expect(answer.status()).toBe(200);
    await page.goto(login);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This request has expired");
    await checkEverywhere(page);
  });

  test("a client is sent away by Not now", async ({ page, allowed }) => {
    allowed.push("404");
    await signIn(page, "amir");
    const begun = await page.request.post("/index.php/login/v2", { headers: { "User-Agent": "evil <img src=x onerror=alert(1)>" } });
    const { login, poll }: { login: string; poll: { token: string; endpoint: string } } = await begun.json();
    await page.goto(login);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("<img src=x onerror=alert(1)>");
    await page.getByRole("button", { name: "Not now" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("No access granted");
    expect((await page.request.post(poll.endpoint, { form: { token: poll.token } })).status()).toBe(404);
  });
});

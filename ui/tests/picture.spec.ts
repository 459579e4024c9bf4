import { checkAccess, expect, signIn, test } from "./house.ts";

test("a profile picture is cut by keyboard, and colleagues see it on the page they have open", async ({ page, browser, baseURL }) => {
  const other = await browser.newContext(baseURL ? { baseURL } : {});
  const colleague = await other.newPage();
  await signIn(colleague, "lena", "/team");
  const row = colleague.getByRole("row", { name: /Tomás Vidal/ });
  await expect(row.locator(".av img")).toHaveCount(0);

  await signIn(page, "tomas", "/account/picture");
  const drawn = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [600, 300];
    const paper = canvas.getContext("2d");
    paper?.fillRect(0, 0, 300, 300);
    return canvas.toDataURL().split(",")[1] ?? "";
  });
  await page.locator("input[type=file]").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from(drawn, "base64") });
  const stage = page.getByRole("application");
  await expect(stage).toBeFocused();
  const x = page.locator("[name=x]");
  const zoom = page.getByLabel("Zoom");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(x).toHaveValue("55");
  await page.keyboard.press("+");
  await expect(zoom).toHaveValue("106");
  for (let n = 0; n < 12; n++) await page.keyboard.press("Shift+ArrowRight");
  expect(Number(await x.inputValue())).toBeLessThan(77); // at the edge it stays
  await checkAccess(page, "main");
  await page.locator("#crop-form ~ footer button.btn-primary").click();
  await expect(page).toHaveURL("/account");
  await expect(page.locator(".page-head .av img")).toBeVisible();
  await expect(row.locator(".av img")).toBeVisible();

  await page.goto("/account/picture");
  await page.locator("footer form button").click();
  await expect(page).toHaveURL("/account");
  await expect(row.locator(".av img")).toHaveCount(0);
  await other.close();
});

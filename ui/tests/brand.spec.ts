import { checkEverywhere, expect, signIn, test } from "./house.ts";

/** What the browser itself makes of a brand colour, by name, as #rrggbb. */
type Worn = Record<string, string>;
interface Both { hex: string; theme: "light" | "dark"; browser: Worn; server: Worn }

const grounds = ["canvas", "surface-solid"];
const letters = ["ink", "ink-2", "ink-3", "brand-ink"];
const names = [...grounds, ...letters, "brand-solid", "on-brand", "brand-hover", "brand-press", "accent", "on-accent", "brand-soft"];

function parts(hex: string): number[] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = parts(hex).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one: string | undefined, other: string | undefined): number {
  const [a, b] = [luminance(one ?? ""), luminance(other ?? "")];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

test.describe("the look of the organisation", () => {
  test("216 colours in both themes: every pair is readable, and the server's values are the browser's", async ({ page }) => {
    test.setTimeout(120_000);
    await signIn(page, "lena", "/brand/settings");
    const all = await page.evaluate(async (wanted: string[]): Promise<Both[]> => {
      const csrf = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
      const scope = document.createElement("div");
      scope.className = "brand-scope";
      const probe = document.createElement("i");
      scope.append(probe);
      document.body.append(scope);
      const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const read = (name: string): string => {
        probe.style.color = `var(--${name})`;
        if (!brush) return "";
        brush.fillStyle = getComputedStyle(probe).color;
        brush.fillRect(0, 0, 1, 1);
        return `#${[...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v.toString(16).padStart(2, "0")).join("")}`;
      };
      const steps = [0, 51, 102, 153, 204, 255].map((v) => v.toString(16).padStart(2, "0"));
      const found: Both[] = [];
      for (const r of steps) for (const g of steps) for (const b of steps) {
        const hex = `#${r}${g}${b}`;
        const body = new URLSearchParams({ primary: hex, header: "glass", csrf });
        const said = await (await fetch("/brand/settings/preview", { method: "POST", body, headers: { Accept: "application/json" } })).json() as { light: Worn; dark: Worn };
        for (const theme of ["light", "dark"] as const) {
          for (const [name, value] of [["--brand", hex], ["--tint", hex], ["--spark", hex]] as const) scope.style.setProperty(name, value);
          scope.style.colorScheme = theme;
          found.push({ hex, theme, browser: Object.fromEntries(wanted.map((name) => [name, read(name)])), server: said[theme] });
        }
      }
      scope.remove();
      return found;
    }, names);
    expect(all.length).toBe(432);
    const wrong: string[] = [];
    for (const { hex, theme, browser, server } of all) {
      const need = (one: string, other: string, least: number) => {
        const got = ratio(browser[one], browser[other]);
        if (got < least) wrong.push(`${hex} ${theme}: ${one} on ${other} is ${got.toFixed(2)}:1`);
      };
      for (const ground of grounds) {
        for (const letter of letters) need(letter, ground, 4.5);
        need("accent", ground, 3);
      }
      need("on-brand", "brand-solid", 4.5);
      need("on-brand", "brand-hover", 4.5);
      need("brand-ink", "brand-soft", 4.5);
      need("on-accent", "accent", 3);
      for (const name of names) {
        const [theirs, ours] = [parts(browser[name] ?? ""), parts(server[name] ?? "")];
        if (theirs.some((v, n) => Math.abs(v - (ours[n] ?? -9)) > 1)) wrong.push(`${hex} ${theme}: --${name} is ${browser[name]} here and ${server[name]} on the server`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("a published colour is on another person's open page without a reload", async ({ page, browser, baseURL }) => {
    const other = await browser.newContext(baseURL ? { baseURL } : {});
    const theirs = await other.newPage();
    await signIn(theirs, "noor");
    await theirs.evaluate(() => { document.body.dataset.mine = "still here"; });
    const colour = () => theirs.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--brand").trim());
    await signIn(page, "lena", "/brand/settings");
    const primary = page.locator("#f-primary");
    for (const hex of ["#0b8a6f", "#2f45f5"]) {
      await primary.fill(hex);
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.getByRole("status").filter({ hasText: "new look" })).toBeVisible();
      await expect.poll(colour, { intervals: [50] }).toBe(hex);
      expect(await theirs.evaluate(() => document.body.dataset.mine)).toBe("still here");
      await expect(theirs.locator("link[data-look]")).toHaveCount(1);
    }
    await other.close();
  });

  test("the preview follows, and a colour that cannot carry its text is mended", async ({ page }) => {
    await signIn(page, "lena", "/brand/settings");
    const primary = page.locator("#f-primary");
    await primary.fill("#e8452c");
    const take = page.getByRole("button", { name: "Use This Colour" });
    await expect(take).toBeVisible();
    await take.click();
    await expect(take).toBeHidden();
    await expect(primary).not.toHaveValue("#e8452c");
    const mended = await primary.inputValue();
    await expect.poll(() => page.evaluate(() => document.querySelector<HTMLElement>(".brand-half.light")?.style.getPropertyValue("--brand-solid"))).toBe(mended);
  });

  test("a picture that is uploaded goes into the draft, and what it carries along stays outside", async ({ page }) => {
    await signIn(page, "lena", "/brand/settings");
    const place = page.getByRole("combobox", { name: "For", exact: true });
    await place.selectOption("logo_mono");
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><script>alert(1)</script><path d="M2 2h20v20z" fill="#123456"/></svg>';
    await page.getByLabel("File").setInputFiles({ name: "one_colour.svg", mimeType: "image/svg+xml", buffer: Buffer.from(drawing) });
    await page.getByRole("button", { name: "Add Picture" }).click();
    await expect(page.getByRole("status").filter({ hasText: "in your draft" })).toBeVisible();
    await expect(page.locator("#f-logo_mono option:checked")).toHaveText("one colour");
    await page.getByRole("button", { name: "Publish" }).click();
    await expect(page.getByRole("status").filter({ hasText: "new look" })).toBeVisible();
    const served = await page.request.get("/brand/look/logo_mono");
    expect(served.status()).toBe(200);
    expect(served.headers()["content-security-policy"]).toContain("sandbox");
    expect(await served.text()).toContain("#123456");
    expect(await served.text()).not.toContain("script");
  });

  test("a colour is chosen with the keyboard alone, and its pair is said along", async ({ page }) => {
    await signIn(page, "lena", "/brand/settings");
    const secondary = page.locator("#f-secondary");
    await secondary.fill("#804040");
    await page.getByRole("button", { name: "Choose a colour: Secondary" }).press("Enter");
    const plane = page.getByRole("slider", { name: "Saturation and brightness" });
    await expect(plane).toBeFocused();
    await expect(plane).toHaveAttribute("aria-valuetext", "Saturation 50 %, brightness 50 %");
    await page.keyboard.press("End");
    await expect(secondary).toHaveValue("#800000");
    await page.keyboard.press("Shift+ArrowUp");
    await expect(secondary).toHaveValue("#9a0000");
    await page.getByRole("slider", { name: "Hue" }).fill("120");
    await expect(secondary).toHaveValue("#009a00");
    await expect(page.locator("[data-ratio]")).toHaveText(/[0-9]\.[0-9]:1/);
    await page.getByRole("group", { name: "Colours of the brand" }).getByRole("button").first().press("Enter");
    await expect(secondary).toHaveValue(await page.locator("#f-primary").inputValue());
    await page.keyboard.press("Escape");
    await expect(plane).toBeHidden();
  });

  test("a picture takes along what is not saved yet", async ({ page }) => {
    await signIn(page, "lena", "/brand/settings");
    await page.locator("#f-name").fill("Not saved yet");
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M2 2h20v20z" fill="#123456"/></svg>';
    await page.getByRole("combobox", { name: "For", exact: true }).selectOption("logo_mono");
    await page.getByLabel("File").setInputFiles({ name: "mono.svg", mimeType: "image/svg+xml", buffer: Buffer.from(drawing) });
    await page.getByRole("button", { name: "Add Picture" }).click();
    await expect(page.getByRole("status").filter({ hasText: "in your draft" })).toBeVisible();
    await expect(page.locator("#f-name")).toHaveValue("Not saved yet");
    await page.getByRole("button", { name: "Discard" }).click();
    await expect(page.locator("#f-name")).not.toHaveValue("Not saved yet");
  });

  test("the pages are usable by everybody", async ({ page }) => {
    test.setTimeout(120_000);
    await signIn(page, "lena", "/brand/settings");
    await checkEverywhere(page);
    for (const path of ["/brand/profile", "/brand/network"]) {
      await page.goto(path);
      await checkEverywhere(page);
    }
  });
});

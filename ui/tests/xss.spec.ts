import { readFileSync } from "node:fs";
import { expect, test, type Page } from "@playwright/test";
import { demoPassword, person } from "./people.ts";
import { startHouse, type House } from "./server.ts";
import { openLab } from "./xss_lab.ts";

const corpus = readFileSync(new URL("testdata/xss.txt", import.meta.url), "utf8").trim().split("\n");

/** Hostile texts go through every field that a crawl finds, through file and folder names, search and palette. The pages are
 *  shown without their policy: nothing but escaping stands between the text and the trap. */
test.describe("hostile text", () => {
  let house: House;
  test.use({ bypassCSP: true, viewport: { width: 1440, height: 900 } });
  test.beforeAll(async () => { house = await startHouse(["--demo", "--dev"], { RUNES_DEMO_PASSWORD: demoPassword }); });
  test.afterAll(async () => { await house.stop(); });

  async function enter(page: Page): Promise<string[]> {
    const seen: string[] = [];
    page.on("dialog", (dialog) => {
      seen.push(`a dialog on ${page.url()}: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => { if (new URL(request.url()).hostname === "evil.example") seen.push(`a request to ${request.url()}`); });
    const { email, password } = person("lena");
    await page.goto(`${house.address}/login`);
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${house.address}/`);
    return seen;
  }

  test("would be noticed, stays text in every field, and acts on no page", async ({ page }) => {
    test.setTimeout(300_000); // well under 90 s on a quiet machine
    expect(new Set(corpus).size, "different strings in the corpus").toBe(100);
    const seen = await enter(page);
    const csrf = (await page.locator('meta[name="csrf-token"]').getAttribute("content")) ?? "";
    await openLab(page, house.address);

    const noticed = await page.evaluate((all) => all.filter((text) => window.lab.raw(text)), corpus);
    expect(noticed.length, "strings that would be seen if a template wrote them raw").toBeGreaterThanOrEqual(91);

    const { forms } = await page.evaluate(() => window.lab.crawl(250));
    for (const needed of ["/contacts/new", "/contacts/lists/new"]) expect(forms, "forms found by the crawl").toContain(needed);
    let sent = 0;
    for (const form of forms) {
      const result = await page.evaluate(([name, all]) => window.lab.attack(name, all), [form, corpus] as const);
      expect(result.found, `${form} (${result.fields.join(", ")})`).toEqual([]);
      sent += result.accepted + result.refused;
      if (form === "/contacts/new") expect(result.accepted, "companies with hostile names").toBeGreaterThan(80);
    }
    expect(sent, "answers that were looked at").toBeGreaterThan(100 * forms.length - 1);

    await storeFiles(page, csrf);
    const pages = (await page.evaluate(() => window.lab.crawl(250))).pages;
    for (const text of corpus) pages.push(`/search?q=${encodeURIComponent(text)}`);
    const found = await page.evaluate(async (all) => {
      const odd: string[] = [];
      for (const address of all) odd.push(...(await window.lab.look(address)).map((what) => `${what} on ${address}`));
      return odd;
    }, pages);
    expect(found, "planted in a page").toEqual([]);
    expect(await page.evaluate(() => window.sprung), "the trap").toEqual([]);

    // As people see them, with our scripts at work.
    for (const path of ["/", "/contacts?sort=-updated_at", "/contacts/lists", "/storage", "/notifications", "/search?q=trap", "/help?q=%3Cscript%3E"]) {
      await page.goto(house.address + path);
      await page.waitForLoadState("load");
      expect(await page.evaluate(() => window.sprung), `the trap on ${path}`).toEqual([]);
    }
    await page.goto(`${house.address}/search?q=trap`);
    await expect(page.locator(".hits a").first(), "it reads as it was typed").toContainText("trap()");
    await page.goto(`${house.address}/storage`);
    for (const text of ["trap", "img src", "<script>", "onerror", "javascript"]) {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill(text);
      await expect(page.locator("#palette-list [role=option]").first()).toBeVisible();
      await page.waitForTimeout(150);
      await page.keyboard.press("Escape");
    }
    expect(await page.evaluate(() => window.sprung), "the trap in the palette").toEqual([]);
    expect(seen).toEqual([]);
  });

  /** A file and a folder for every string, as far as a name may hold it. */
  async function storeFiles(page: Page, csrf: string): Promise<void> {
    const kept = await page.evaluate(async ([all, token]) => {
      const top = /data-folder="(\d+)"/.exec(await (await fetch("/storage")).text())?.[1] ?? "";
      let count = 0;
      for (const [n, text] of all.entries()) {
        const name = text.replaceAll("/", "∕").replaceAll("\\", "＼");
        const headers = { "X-CSRF-Token": token, Accept: "application/json" };
        const path = new URLSearchParams({ path: n % 2 ? name : `${name}.txt` });
        const answer = n % 2
          ? await fetch(`/storage/folder/${top}`, { method: "POST", headers, body: path })
          : await fetch(`/storage/upload/${top}?${path}`, { method: "PUT", headers, body: text });
        if (answer.status === 201) count++;
      }
      return count;
    }, [corpus, csrf] as const);
    expect(kept, "files and folders with hostile names").toBeGreaterThan(90);
  }
});

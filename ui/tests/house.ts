import { expect, test as base, type Browser, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { person, type Person } from "./people.ts";

export { expect };

interface Fixtures {
  /** Messages a test expects on the console: parts of their text. */
  allowed: string[];
  watched: void;
}

/** Where the suite's server answers. */
export function address(): string {
  return process.env.RUNES_TEST_ADDRESS ?? "";
}

/** A test in a browser that fails by itself on an error on the console, a broken policy or a lost script. */
export const test = base.extend<Fixtures, { browser: Browser }>({
  browser: [async ({ browser }, use) => {
    const open = browser.newContext.bind(browser);
    browser.newContext = async (options) => {
      const context = await open(options);
      if (options?.javaScriptEnabled !== false) context.on("page", patient);
      return context;
    };
    await use(browser);
    browser.newContext = open;
  }, { scope: "worker" }],
  baseURL: async ({}, use) => use(address()),
  allowed: async ({}, use) => use([]),
  watched: [async ({ page, allowed }, use) => {
    const seen: string[] = [];
    page.on("console", (message) => { if (message.type() === "error") seen.push(`${message.text()} (${message.location().url})`); });
    page.on("pageerror", (error) => seen.push(String(error)));
    page.on("dialog", (dialog) => {
      seen.push(`a dialog opened: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await use();
    expect(seen.filter((text) => !allowed.some((part) => text.includes(part))), "errors on the console").toEqual([]);
  }, { auto: true }],
});

export const wide = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

/** Signs in by the form and waits for Home, or for the page asked for. */
export async function signIn(page: Page, name: Person, path = "/"): Promise<void> {
  const { email, password } = person(name);
  await page.goto(path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname + url.search === path);
}

/** Makes a page wait for its scripts whenever its address changed: a test is faster than any person, and a busy machine slower than any test. */
function patient(page: Page): void {
  const { goto, reload, goBack, goForward, waitForURL } = page;
  page.goto = async (...args) => { const answer = await goto.apply(page, args); await settled(page); return answer; };
  page.reload = async (...args) => { const answer = await reload.apply(page, args); await settled(page); return answer; };
  page.goBack = async (...args) => { const answer = await goBack.apply(page, args); await settled(page); return answer; };
  page.goForward = async (...args) => { const answer = await goForward.apply(page, args); await settled(page); return answer; };
  page.waitForURL = async (...args) => { await waitForURL.apply(page, args); await settled(page); };
}

/** Makes the browser one that was never here. Its page is left first: what it has under way would bring cookies along. */
export async function forgotten(page: Page): Promise<void> {
  await page.goto("about:blank");
  await page.context().clearCookies();
}

/** Waits until nothing is under way between this page and the next, and every element that can be used has its script. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.documentElement.hasAttribute("aria-busy") && !document.querySelector(":not(:defined, [inert] *)"));
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Checks WCAG 2.2 AA on the page as it is now, or on a part of it; with colours only, what a theme can break. The checker goes in through the debugger,
 * past the page's policy.
 */
export async function checkAccess(page: Page, within = "html", colours = false): Promise<void> {
  // Not while the page fetches something, and colours are measured when nothing fades any more.
  await settled(page);
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => { if (a.effect?.getTiming().iterations !== Infinity) a.finish(); })));
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axeSource);
  const found = await page.evaluate(async ({ within, colours }) => {
    const axe = (globalThis as unknown as { axe: { run(part: string, options: object): Promise<{ violations: { id: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[] }> } }).axe;
    const all = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };
    const result = await axe.run(within, { runOnly: colours ? { type: "rule", values: ["color-contrast"] } : all, resultTypes: ["violations"] });
    return result.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary}`));
  }, { within, colours });
  expect(found, "accessibility").toEqual([]);
}

/** Runs the check in both themes at both widths, and that nothing sticks out sideways, down to 320 pixels. */
export async function checkEverywhere(page: Page): Promise<void> {
  for (const size of [wide, phone]) {
    await page.setViewportSize(size);
    for (const theme of ["light", "dark"]) {
      await page.evaluate((t) => { document.documentElement.dataset.theme = t; }, theme);
      await checkAccess(page, "html", theme === "dark");
    }
    await checkWidth(page);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await checkWidth(page);
  await page.setViewportSize(wide);
}

async function checkWidth(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, `pixels sticking out at ${page.viewportSize()?.width} wide`).toBeLessThanOrEqual(0);
}

/** Presses Tab until the element with that name has the focus: proof that a keyboard reaches it. */
export async function tabTo(page: Page, name: string | RegExp, most = 60): Promise<void> {
  for (let n = 0; n < most; n++) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const e = document.activeElement;
      return (e?.getAttribute("aria-label") ?? e?.textContent ?? "").trim();
    });
    if (typeof name === "string" ? here === name : name.test(here)) return;
  }
  throw new Error(`Tab does not reach ${String(name)}`);
}

import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./house.ts";

/** Milliseconds of many rounds, and the limit that the third quarter of them keeps. */
interface Figure {
  what: string;
  limit: number;
  rounds: number[];
}

const rounds = 20;

function third(figure: Figure): number {
  return [...figure.rounds].sort((a, b) => a - b)[Math.ceil(figure.rounds.length * 0.75) - 1] ?? Infinity;
}

/** From the press in the page to the frame that shows what is waited for: measured inside the page, without the test's own way there. */
async function clocked(page: Page, start: string, done: string): Promise<number> {
  return page.evaluate(([act, seen]) => new Promise<number>((resolve) => {
    const isThere = new Function(`return ${seen}`) as () => boolean;
    const began = performance.now();
    (new Function(act) as () => void)();
    const look = (): void => {
      if (isThere()) resolve(performance.now() - began);
      else requestAnimationFrame(look);
    };
    look();
  }), [start, done] as const);
}

test("the palette and page switches keep their promises", async ({ page }) => {
  test.setTimeout(300_000);
  const figures: Figure[] = [
    { what: "palette open", limit: 50, rounds: [] },
    { what: "palette, first result", limit: 100, rounds: [] },
    { what: "page switch, cold", limit: 120, rounds: [] },
    { what: "page switch, prefetched", limit: 50, rounds: [] },
    { what: "Back", limit: 50, rounds: [] },
  ];
  const [open, first, cold, prefetched, back] = figures.map((f) => f.rounds) as [number[], number[], number[], number[], number[]];
  await signIn(page, "lena");
  for (let n = 0; n < rounds; n++) {
    open.push(await clocked(page, `document.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true }))`, `document.querySelector("ui-palette dialog[open] .opt") !== null`));
    first.push(await clocked(page, `const i = document.querySelector("ui-palette input"); i.value = "alpine"; i.dispatchEvent(new Event("input", { bubbles: true }))`,
      `[...document.querySelectorAll("ui-palette .opt")].some((o) => o.textContent.includes("Alpine"))`));
    await page.keyboard.press("Escape");
  }
  const title = (text: string): string => `document.querySelector("h1")?.textContent.startsWith("${text}")`;
  const press = (href: string): string => `document.querySelector('.nav a[href="${href}"]').click()`;
  for (let n = 0; n < rounds; n++) {
    await page.goto("/notifications");
    await page.mouse.move(900, 600);
    cold.push(await clocked(page, press("/storage"), title("Files")));
    await page.waitForTimeout(100);
    back.push(await clocked(page, "history.back()", title("Notifications")));
    await page.goto("/notifications");
    const fetched = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/storage");
    await page.locator('.nav a[href="/storage"]').hover();
    await fetched;
    await page.waitForTimeout(50);
    prefetched.push(await clocked(page, press("/storage"), title("Files")));
  }
  for (const f of figures) console.log(`${f.what.padEnd(26)} ${third(f).toFixed(0).padStart(4)} ms   limit ${f.limit} ms   ${third(f) <= f.limit ? "holds" : "BROKEN"}`);
  expect(figures.filter((f) => third(f) > f.limit).map((f) => f.what), "over their limit").toEqual([]);
});

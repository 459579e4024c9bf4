import type { Page } from "@playwright/test";
import { checkAccess, checkEverywhere, expect, phone, signIn, test } from "./house.ts";

test.describe("the gallery", () => {
  test("shows every part accessibly in both themes and widths", async ({ page }) => {
    await signIn(page, "lena", "/gallery");
    await checkEverywhere(page);
  });

  test("a modal starts at its first field, closes with Esc and gives the focus back", async ({ page }) => {
    await signIn(page, "lena", "/gallery");
    const opener = page.getByRole("button", { name: "Open modal" });
    await opener.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: "New folder" }).getByLabel("Name")).toBeFocused();
    await checkAccess(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog", { name: "New folder" })).toBeHidden();
    await expect(opener).toBeFocused();
  });

  test("a drawer opens at the side and closes by its button", async ({ page }) => {
    await signIn(page, "lena", "/gallery");
    await page.getByRole("button", { name: "Open drawer" }).click();
    const drawer = page.getByRole("dialog", { name: "Send revised quote" });
    await expect(drawer).toBeVisible();
    await checkAccess(page);
    await drawer.getByRole("button", { name: "Close" }).click();
    await expect(drawer).toBeHidden();
  });

  test("a destructive form asks for the name, and Cancel sends nothing", async ({ page }) => {
    await signIn(page, "lena", "/gallery");
    let sent = 0;
    page.on("request", (request) => { if (request.method() === "POST" && new URL(request.url()).pathname === "/gallery") sent++; });
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const question = page.getByRole("dialog", { name: "Delete Alpine Robotics?" });
    const verb = question.getByRole("button", { name: "Delete Company" });
    await expect(verb).toBeDisabled();
    await question.getByRole("textbox").fill("Alpine Rob");
    await expect(verb).toBeDisabled();
    await question.getByRole("textbox").fill("Alpine Robotics");
    await expect(verb).toBeEnabled();
    await checkAccess(page);
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toHaveCount(0);
    expect(sent).toBe(0);
  });

  test("a toast says its sentence politely and can be sent away", async ({ page }) => {
    await signIn(page, "lena", "/gallery");
    await page.getByRole("button", { name: "Show toast" }).click();
    const toast = page.getByRole("status").filter({ hasText: "Moved 3 files" });
    await expect(toast).toBeVisible();
    await checkAccess(page, ".toasts"); // it lies over what the gallery shows
    await toast.getByRole("button", { name: "Close" }).click();
    await expect(page.locator(".toasts .toast")).toHaveCount(0);
  });

  test("an icon button has a tooltip with its key, for the keyboard too", async ({ page }) => {
    await signIn(page, "lena", "/gallery");
    await page.getByRole("button", { name: "Rename" }).first().focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Shift+Tab");
    await expect(page.locator(".tip[popover]")).toHaveText("RenameF2");
    await page.keyboard.press("Escape");
    await expect(page.locator(".tip[popover]")).toHaveCount(0);
  });

  test("a context menu stays inside the window", async ({ page }) => {
    await signIn(page, "lena", "/gallery");
    await page.getByRole("button", { name: "More" }).click();
    const box = await page.getByRole("menu", { name: "More" }).boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(1280);
  });

  test("reduced motion and forced colours keep every control visible", async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce", forcedColors: "active" });
    await signIn(page, "lena", "/gallery");
    const border = await page.getByRole("button", { name: "Save Contact" }).evaluate((b) => getComputedStyle(b).borderTopWidth);
    expect(border).toBe("1px");
    const moving = await page.evaluate(() => document.getAnimations().filter((a) => Number(a.effect?.getComputedTiming().activeDuration ?? 0) > 10).length);
    expect(moving).toBe(0);
  });
});

const pages = [
  "/", "/home", "/account", "/account/email", "/account/picture", "/account/security", "/account/tokens/new", "/preferences", "/preferences/notifications/all", "/notifications", "/search", "/help/start", "/settings", "/settings/isolation", "/bin",
  "/contacts", "/contacts/new", "/contacts/lists", "/contacts/fields/new", "/contacts/duplicates", "/contacts/import", "/contacts/import/history", "/contacts/people/bin", "/contacts/sync",
  "/storage", "/storage/trash", "/team", "/team/roles", "/team/letter", "/team/terms", "/brand/profile", "/brand/settings", "/brand/login", "/brand/assets", "/brand/card", "/nowhere",
];

/** What a strict designer would not let pass: more than one primary action, a heading that jumps, a target too small for a thumb. */
async function breaches(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = (e: Element) => `${e.tagName.toLowerCase()}.${e.className} "${(e.getAttribute("aria-label") ?? e.textContent ?? "").trim().slice(0, 40)}"`;
    const all = (what: string) => [...document.querySelectorAll(what)].filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("[inert],.sr,[popover]:not(:popover-open)"));
    const found: string[] = [];
    const primary = all("main .btn-primary").filter((e) => e.textContent?.trim());
    if (primary.length > 1) found.push(`${primary.length} primary actions: ${primary.map(name).join(", ")}`);
    const levels = all("main :is(h1,h2,h3,h4)").map((e) => Number(e.tagName[1]));
    if (levels.filter((n) => n === 1).length !== 1 || levels.some((n, at) => n > (levels[at - 1] ?? 0) + 1)) found.push(`headings ${levels.join(" ")}`);
    for (const e of all("a[href],button,input,select,textarea,summary")) {
      // In running text a link is as high as its line; a row of files is a target as a whole.
      if (getComputedStyle(e).display === "inline" || e.closest(".storage-entry") || (e instanceof HTMLInputElement && e.type === "hidden")) continue;
      const boxes = [e, e.closest("label")].flatMap((b) => b ? [b.getBoundingClientRect()] : []).map((b) => [b.width, b.height]);
      for (const part of ["::before", "::after"]) {
        const style = getComputedStyle(e, part);
        if (style.position === "absolute" && style.content !== "none") boxes.push([parseFloat(style.width), parseFloat(style.height)]);
      }
      const [width, height] = [0, 1].map((side) => Math.max(...boxes.map((b) => b[side] ?? 0)));
      if ((width ?? 0) < 43.5 || (height ?? 0) < 43.5) found.push(`${Math.round(width ?? 0)} × ${Math.round(height ?? 0)} ${name(e)}`);
    }
    return found;
  });
}

test.describe("every page on a phone", () => {
  test.use({ hasTouch: true, viewport: phone, allowed: ["404 (Not Found)"] });
  test("has one primary action, headings in order and targets for a thumb", async ({ page }) => {
    test.slow();
    await signIn(page, "lena");
    const found: Record<string, string[]> = {};
    for (const path of pages) {
      await page.goto(path, { waitUntil: "domcontentloaded" });
      const here = await breaches(page);
      if (here.length > 0) found[path] = here;
    }
    expect(found).toEqual({});
  });
});

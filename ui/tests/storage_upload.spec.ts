import { mkdirSync, writeFileSync } from "node:fs";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./house.ts";
import { entry, freshFolder, makeFolder, names, putFile, ready } from "./storage.ts";

const tray = (page: Page) => page.getByRole("region", { name: "Uploads" });

function file(name: string, content: string) {
  return { name, mimeType: "application/octet-stream", buffer: Buffer.from(content) };
}

async function sum(page: Page, name: string): Promise<string> {
  const id = await entry(page, name).getAttribute("data-id");
  const answer = await page.request.get(`/storage/download/${id}`);
  return createHash("sha256").update(await answer.body()).digest("hex");
}

test.describe("uploads", () => {
  test.use({ allowed: ["409"] });

  test("files come by the button, small and in pieces, and arrive whole", async ({ page }, info) => {
    await signIn(page, "amir", "/storage");
    await freshFolder(page, "upload");
    await ready(page);
    const large = randomBytes(20 << 20);
    mkdirSync(info.outputDir, { recursive: true });
    const path = join(info.outputDir, "large.bin");
    writeFileSync(path, large);
    const small = join(info.outputDir, "small.txt");
    writeFileSync(small, "hello");
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Upload", exact: true }).click()]);
    await chooser.setFiles([path, small]);
    await expect(tray(page)).toContainText("large.bin");
    await expect(entry(page, "large.bin")).toBeVisible({ timeout: 20_000 });
    await expect(entry(page, "small.txt")).toBeVisible();
    await expect(tray(page)).toContainText("Uploaded");
    expect(await sum(page, "large.bin")).toBe(createHash("sha256").update(large).digest("hex"));
    await tray(page).getByRole("button", { name: "Close" }).click();
    await expect(tray(page)).toBeHidden();
  });

  test("a whole folder comes with what lies in it", async ({ page }, info) => {
    await signIn(page, "amir", "/storage");
    await freshFolder(page, "folder upload");
    await ready(page);
    const root = info.outputPath("Photos");
    mkdirSync(join(root, "Basel"), { recursive: true });
    writeFileSync(join(root, "cover.txt"), "cover");
    writeFileSync(join(root, "Basel", "01.txt"), "one");
    await page.locator("input[webkitdirectory]").setInputFiles(root);
    await expect(entry(page, "Photos")).toBeVisible();
    await entry(page, "Photos").click();
    await expect(entry(page, "Basel")).toBeVisible();
    await expect(entry(page, "cover.txt")).toBeVisible();
  });

  test("files dropped anywhere on the page arrive in this folder", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    await freshFolder(page, "drop");
    await ready(page);
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["dropped"], "dropped.txt"));
      return transfer;
    });
    await page.dispatchEvent("h1", "dragenter", { dataTransfer: data });
    await expect(page.getByText("Let go to upload")).toBeVisible();
    await page.dispatchEvent("h1", "drop", { dataTransfer: data });
    await expect(page.getByText("Let go to upload")).toBeHidden();
    await expect(entry(page, "dropped.txt")).toBeVisible();
  });

  test("a taken name is a question with three answers, once or for all", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "conflict");
    for (const name of ["1.txt", "2.txt", "3.txt"]) await putFile(page, folder, name, "old");
    await page.reload();
    await ready(page);
    const input = page.locator('input[data-choose="files"]');
    await input.setInputFiles([file("1.txt", "new"), file("2.txt", "new"), file("3.txt", "new"), file("4.txt", "new")]);
    const first = page.getByRole("dialog", { name: "1.txt is already there" });
    await first.getByRole("button", { name: "Replace" }).click();
    const second = page.getByRole("dialog", { name: "2.txt is already there" });
    await second.getByRole("button", { name: "Keep both" }).click();
    const third = page.getByRole("dialog", { name: "3.txt is already there" });
    await third.getByRole("button", { name: "Skip" }).click();
    await expect(entry(page, "4.txt")).toBeVisible();
    await expect(entry(page, "2 (2).txt")).toBeVisible();
    expect(await names(page)).toEqual(["1.txt", "2 (2).txt", "2.txt", "3.txt", "4.txt"]);
    await entry(page, "1.txt").click();
    await expect(page.getByRole("complementary", { name: "Details" })).toContainText("2, with the current one");
    await input.setInputFiles([file("1.txt", "newer"), file("2.txt", "newer")]);
    await first.getByLabel(/Do the same for 1 more/).check();
    await first.getByRole("button", { name: "Replace" }).click();
    await expect(tray(page).getByText("Uploaded", { exact: true })).toHaveCount(5);
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.reload();
    expect(await sum(page, "2.txt")).toBe(createHash("sha256").update("newer").digest("hex"));
    expect(await sum(page, "3.txt")).toBe(createHash("sha256").update("old").digest("hex"));
  });

  test("an upload goes on while pages change", async ({ page }) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "travel");
    await ready(page);
    let go: () => void = () => undefined;
    const held = new Promise<void>((done) => { go = done; });
    await page.route("**/storage/upload/**", async (route) => {
      await held;
      await route.continue();
    });
    await page.locator('input[data-choose="files"]').setInputFiles([file("slow.txt", "slow")]);
    await expect(tray(page)).toContainText("slow.txt");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Home" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Amir");
    await expect(tray(page)).toContainText("slow.txt");
    go();
    await expect(tray(page)).toContainText("Uploaded");
    await page.goto(`/storage/f/${folder}`);
    await expect(entry(page, "slow.txt")).toBeVisible();
  });

  test("a large file goes on after a reload from where it stopped", async ({ page }, info) => {
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "resume");
    await ready(page);
    const content = randomBytes(20 << 20);
    mkdirSync(info.outputDir, { recursive: true });
    const path = join(info.outputDir, "long.bin");
    writeFileSync(path, content);
    let sent: string[] = [];
    page.on("request", (request) => { if (/\/transfer\/[^/]+\/\d+$/.test(request.url())) sent.push(request.url().split("/").pop() ?? ""); });
    let away = false;
    // Taking the route away would let the held piece go on after all, now and then before the reload ends it.
    await page.route("**/storage/transfer/*/2", (route) => away ? route.continue() : undefined);
    await page.locator('input[data-choose="files"]').setInputFiles(path);
    await page.waitForRequest("**/storage/transfer/*/2");
    sent = [];
    await page.reload();
    away = true;
    await ready(page);
    await expect(tray(page)).toContainText("Choose the file again to go on.");
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), tray(page).getByRole("button", { name: "Try again" }).click()]);
    await chooser.setFiles(path);
    await expect(entry(page, "long.bin")).toBeVisible({ timeout: 20_000 });
    expect(sent).toEqual(["2"]);
    expect(await sum(page, "long.bin")).toBe(createHash("sha256").update(content).digest("hex"));
    await page.reload();
    await expect(tray(page)).toBeHidden();
    await page.goto(`/storage/f/${folder}`);
  });

  test("a lost connection is tried again, and a refusal says why", async ({ page, allowed }) => {
    allowed.push("404", "ERR_", "Failed to load");
    await signIn(page, "amir", "/storage");
    const folder = await freshFolder(page, "lost");
    const inner = await makeFolder(page, folder, "gone");
    await page.goto(`/storage/f/${inner}`);
    await ready(page);
    let tries = 0;
    await page.route("**/storage/upload/**", async (route) => {
      if (++tries === 1) await route.abort("connectionreset");
      else await route.continue();
    });
    await page.locator('input[data-choose="files"]').setInputFiles([file("again.txt", "x")]);
    await expect(entry(page, "again.txt")).toBeVisible();
    expect(tries).toBe(2);
    const token = (await page.locator('meta[name="csrf-token"]').getAttribute("content")) ?? "";
    let cleared = false;
    await page.route("**/storage/taken/**", async (route) => {
      const answer = await route.fetch();
      if (!cleared) await page.request.post("/storage/delete", { headers: { "X-CSRF-Token": token }, form: { id: inner } });
      cleared = true;
      await route.fulfill({ response: answer });
    });
    await page.locator('input[data-choose="files"]').setInputFiles([file("late.txt", "x")]);
    await expect(tray(page)).toContainText("does not exist");
    await expect(tray(page).getByRole("button", { name: "Try again" })).toBeVisible();
  });
});

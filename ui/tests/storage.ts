import type { Page } from "@playwright/test";
import { expect } from "./house.ts";

/** What the specs of Cloud Storage have in common: folders of their own, and how rows are found. */

async function token(page: Page): Promise<Record<string, string>> {
  return { "X-CSRF-Token": (await page.locator('meta[name="csrf-token"]').getAttribute("content")) ?? "" };
}

/** Makes an empty folder at the top of the drive and opens it. The name carries a number: specs share a house. */
export async function freshFolder(page: Page, name: string): Promise<string> {
  await page.goto("/storage");
  const top = (await page.locator("storage-browser").getAttribute("data-folder")) ?? "";
  const id = await makeFolder(page, top, `${name} ${Date.now()}`);
  await page.goto(`/storage/f/${id}`);
  return id;
}

export async function makeFolder(page: Page, parent: string, path: string): Promise<string> {
  const answer = await page.request.post(`/storage/folder/${parent}`, { headers: await token(page), form: { path } });
  expect(answer.status()).toBe(201);
  const { id }: { id: string } = await answer.json();
  return id;
}

export async function putFile(page: Page, folder: string, path: string, content = "content"): Promise<string> {
  const address = `/storage/upload/${folder}?${new URLSearchParams({ path })}`;
  const answer = await page.request.put(address, { headers: await token(page), data: Buffer.from(content) });
  expect(answer.status()).toBe(201);
  const { id }: { id: string } = await answer.json();
  return id;
}

/** The row or card of a name. */
export function entry(page: Page, name: string) {
  return page.locator(`.storage-entry[data-name="${name}"]`);
}

export function names(page: Page): Promise<string[]> {
  return page.locator(".storage-entry").evaluateAll((all) => all.map((one) => one.getAttribute("data-name") ?? ""));
}

export function chosenNames(page: Page): Promise<string[]> {
  return page.locator('.storage-entry[aria-selected="true"]').evaluateAll((all) => all.map((one) => one.getAttribute("data-name") ?? ""));
}

/** Waits until the script of the page answers. */
export async function ready(page: Page): Promise<void> {
  await expect(page.locator("storage-browser[data-ready]")).toBeAttached();
}

import type { Command } from "./commands.ts";
import { find } from "./dom.ts";
import { plain } from "./fuzzy.ts";
import { send } from "./send.ts";

/** What ids of records begin with, among those of pages and actions. */
export const recordMark = "record:";

/** Asks for what fits, or for what was opened before, and hands on each kind as soon as its line is there. */
export async function askRecords(query: URLSearchParams, signal: AbortSignal, take: (kind: string, found: Command[]) => void): Promise<void> {
  const response = await send(`/palette?${query.toString()}`, { signal, quiet: true });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) readLine(line, take);
  }
}

function readLine(line: string, take: (kind: string, found: Command[]) => void): void {
  const said: unknown = JSON.parse(line);
  if (!isObject(said) || typeof said.kind !== "string" || !Array.isArray(said.hits)) return;
  const kind = said.kind;
  take(kind, said.hits.filter(isObject).map((hit) => toCommand(kind, hit)));
}

function toCommand(kind: string, hit: Record<string, unknown>): Command {
  const parts = Array.isArray(hit.parts) ? hit.parts.map(String) : [];
  return { id: recordMark + String(hit.id), kind, text: String(hit.text), note: String(hit.note), icon: portrait(hit.picture) ?? kindIcon(kind), href: String(hit.href), does: "", parts };
}

/** How somebody looks, for those who have a picture. */
function portrait(address: unknown): Element | null {
  if (typeof address !== "string") return null;
  const img = new Image();
  img.alt = "";
  img.src = address;
  return img;
}

/** The icon of a kind as the page carries it. */
export function kindIcon(kind: string): Element | null {
  return find(document, `template[data-of="${CSS.escape(kind)}"]`, HTMLTemplateElement)?.content.firstElementChild ?? null;
}

/** Whether what was found for fewer letters still fits now that there are more. */
export function stillFits(what: string, command: Command): boolean {
  const there = wordsOf(`${command.text} ${command.note}`);
  return wordsOf(what).every((word) => there.some((other) => other.startsWith(word)));
}

function wordsOf(text: string): string[] {
  return plain(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

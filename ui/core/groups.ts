import type { Command } from "./commands.ts";
import { fuzzy } from "./fuzzy.ts";

/** A command with how well it fits and which of its letters do. */
export interface Found {
  command: Command;
  score: number;
  at: number[];
}

/** A title's key with what stands below it. */
export type Group = [name: string, found: Found[]];

/** From here on the letters begin a word: such a page is what somebody wants who types them. */
const strong = 100;

/** Pages and actions that fit, best first. */
export function matches(what: string, among: Command[]): Found[] {
  const found = among.flatMap((command) => {
    const match = fuzzy(what, command.text) ?? lesser(what, command.note);
    return match ? [{ command, ...match }] : [];
  });
  return found.sort((a, b) => b.score - a.score);
}

/** The best match, then pages that fit well, records, pages that fit only by scattered letters, help, and actions last. */
export function arrange(local: Found[], records: Group[]): Group[] {
  const filled = records.filter(([, found]) => found.length > 0);
  const best = local.find((f) => f.score >= strong) ?? filled[0]?.[1][0] ?? local[0];
  if (!best) return [];
  const rest = (found: Found[]): Found[] => found.filter((f) => f !== best);
  const own = (kind: string): Group => [kind, rest(local.filter((f) => f.command.kind === kind))];
  const pages = own("page");
  const isStrong = (pages[1][0]?.score ?? 0) >= strong;
  return [
    ["best", [best]],
    ...(isStrong ? [pages] : []),
    ...filled.map(([kind, found]): Group => [kind, rest(found)]),
    ...(isStrong ? [] : [pages]),
    own("help"),
    own("action"),
  ];
}

export function unscored(command: Command): Found {
  return { command, score: 0, at: [] };
}

/** A match in the rune's name counts less, and there are no letters to mark in the text. */
function lesser(what: string, note: string): { score: number; at: number[] } | null {
  const match = note ? fuzzy(what, note) : null;
  return match ? { score: match.score / 4, at: [] } : null;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../core/commands.ts";
import { arrange, matches, unscored, type Group } from "../../core/groups.ts";
import { stillFits } from "../../core/records.ts";

function command(kind: string, text: string, note = ""): Command {
  return { id: kind + text, kind, text, note, icon: null, href: "/", does: "" };
}

/** Titles of groups with what stands below them: "best: Home". */
function told(groups: Group[]): string[] {
  return groups.filter(([, found]) => found.length > 0).map(([name, found]) => `${name}: ${found.map((f) => f.command.text).join(", ")}`);
}

const own = [command("page", "Notifications"), command("page", "File Browser", "Cloud Storage"), command("action", "Upload File"), command("action", "Sign out")];

test("a page that begins with the letters is the best match, records follow pages, and actions come last", () => {
  const records: Group[] = [["file", [unscored(command("file", "filed.txt"))]]];
  assert.deepEqual(told(arrange(matches("file", own), records)), ["best: File Browser", "file: filed.txt", "action: Upload File"]);
});

test("scattered letters stand behind records", () => {
  const records: Group[] = [["file", [unscored(command("file", "ntf.txt")), unscored(command("file", "ntf2.txt"))]], ["folder", []]];
  assert.deepEqual(told(arrange(matches("ntf", own), records)), ["best: ntf.txt", "file: ntf2.txt", "page: Notifications"]);
  assert.deepEqual(told(arrange(matches("ntf", own), [])), ["best: Notifications"]);
  assert.deepEqual(arrange(matches("xyz", own), []), []);
});

test("a record of fewer letters stays as long as every word still begins one of its own", () => {
  const file = command("file", "Müller_Offer.pdf", "/Sales/2026");
  for (const what of ["mul", "off mull", "2026 pdf", "SALES"]) assert.ok(stillFits(what, file), what);
  for (const what of ["mulx", "offer ller", "2027"]) assert.ok(!stillFits(what, file), what);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzy, plain } from "../../core/fuzzy.ts";

test("accents and capitals make no difference", () => {
  assert.equal(plain("Müller ÉTÉ"), "muller ete");
  assert.ok(fuzzy("muller", "Herr Müller"));
  assert.ok(fuzzy("zurich", "Zürich"));
});

test("one letter of a text stays one letter, so that marks stand at the right place", () => {
  for (const text of ["Straße", "İstanbul", "ﬁnance", "日本"]) assert.equal([...plain(text)].length, [...text].length, text);
  assert.deepEqual(fuzzy("vidal", "Tomás Vidal")?.at, [6, 7, 8, 9, 10]);
});

test("letters are found in their order only", () => {
  assert.ok(fuzzy("ntf", "Notifications"));
  assert.equal(fuzzy("ftn", "Not if"), null);
  assert.equal(fuzzy("xyz", "Home"), null);
});

test("nothing typed matches everything, without marks", () => {
  assert.deepEqual(fuzzy("", "Home"), { score: 0, at: [] });
  assert.deepEqual(fuzzy("   ", "Home"), { score: 0, at: [] });
});

test("initials of words are marked, not the first letters that fit", () => {
  assert.deepEqual(fuzzy("fb", "Cloud File Browser")?.at, [6, 11]);
});

for (const [what, better, worse] of [
  ["sto", "Storage", "Customer"],
  ["file", "File Browser", "My profile"],
  ["fb", "File Browser", "Offbeat"],
  ["home", "Home", "Homepage of the shop"],
  ["sync", "Desktop Sync", "Save your new contact"],
] as const) {
  test(`"${what}" finds ${better} before ${worse}`, () => {
    const first = fuzzy(what, better)?.score ?? -1;
    const second = fuzzy(what, worse)?.score ?? -1;
    assert.ok(first > second, `${first} > ${second}`);
  });
}

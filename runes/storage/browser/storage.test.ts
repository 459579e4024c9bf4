import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { Selection } from "./selection.ts";
import { Sha256 } from "./upload/sha256.ts";
import { fill, Words } from "./words.ts";

test("SHA-256 of any pieces is that of the whole", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 128, 1000, 100_003]) {
    const content = randomBytes(length);
    const want = createHash("sha256").update(content).digest("hex");
    assert.equal(new Sha256().add(content).hex(), want, `${length} bytes at once`);
    const pieces = new Sha256();
    for (let at = 0; at < length; at += 37) pieces.add(content.subarray(at, at + 37));
    assert.equal(pieces.hex(), want, `${length} bytes in pieces`);
  }
});

test("a range goes from the anchor to the click, in both directions, and replaces the last one", () => {
  const order = ["a", "b", "c", "d", "e"];
  const s = new Selection();
  s.only("c");
  s.extend("e", order);
  assert.deepEqual([...s.ids], ["c", "d", "e"]);
  s.extend("a", order);
  assert.deepEqual([...s.ids], ["a", "b", "c"]);
});

test("a range without an anchor in the list is one thing", () => {
  const s = new Selection();
  s.extend("b", ["a", "b"]);
  assert.deepEqual([...s.ids], ["b"]);
  s.toggle("b");
  assert.equal(s.size, 0);
});

test("sentences are filled, and a place without a value stays to be seen", () => {
  assert.equal(fill("{done} of {all}", { done: "1", all: "2" }), "1 of 2");
  assert.equal(fill("{done} of {all}", { done: "1" }), "1 of {all}");
  const french = new Words({ things_one: "{n} chose", things_other: "{n} choses" }, "fr");
  globalThis.document = { documentElement: { lang: "fr" } } as Document;
  assert.equal(french.count("things", 0), "0 chose");
  assert.equal(french.count("things", 2), "2 choses");
});

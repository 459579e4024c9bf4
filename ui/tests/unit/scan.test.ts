import assert from "node:assert/strict";
import { test } from "node:test";
import { putToken, tokensIn, writingAt } from "../../lazy/pick/scan.ts";

test("tokens are found by the rule of the server", () => {
  const names = (text: string) => tokensIn(text).map((t) => t.name);
  assert.deepEqual(names("Dear [[ Contact.First_Name ]], [[user.name]]"), ["contact.first_name", "user.name"]);
  assert.deepEqual(names("[[ [[ user.name ]] ]] [[[date.today]]]"), ["user.name", "date.today"]);
  assert.deepEqual(names("[[]] [[ ]] [[a] [[b\n]] ]] [["), []);
  assert.deepEqual(names(`[[${"a".repeat(200)}]]`), []);
  assert.deepEqual(tokensIn("x[[ a ]]y"), [{ from: 1, to: 8, name: "a" }]);
});

test("a token is written from its brackets to the caret", () => {
  assert.deepEqual(writingAt("Dear [[ con", 11), { from: 5, typed: "con" });
  assert.deepEqual(writingAt("[[", 2), { from: 0, typed: "" });
  assert.equal(writingAt("[[ a ]] b", 9), null);
  assert.equal(writingAt("[", 1), null);
  assert.equal(writingAt("[[a\nb", 5), null);
});

test("a chosen token takes the place of what was written, and of the rest of an old one", () => {
  assert.deepEqual(putToken("Dear [[ con", 5, 11, "contact.name"), { text: "Dear [[ contact.name ]]", caret: 23 });
  assert.deepEqual(putToken("[[ cu.old ]] end", 0, 5, "customer.city"), { text: "[[ customer.city ]] end", caret: 19 });
  assert.deepEqual(putToken("[[ and [[ x ]]", 0, 3, "a"), { text: "[[ a ]]and [[ x ]]", caret: 7 });
});

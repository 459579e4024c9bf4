import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, inside, moved } from "../../lazy/crop/cut.ts";

const wide = { width: 400, height: 200 };

test("the largest square is as high as the picture", () => {
  assert.deepEqual(fit({ x: 50, y: 50, zoom: 1 }, wide), { left: 100, top: 0, side: 200 });
});

test("a square stays inside, however far it is moved", () => {
  assert.deepEqual(inside({ x: 99, y: -5, zoom: 1 }, wide), { x: 75, y: 50, zoom: 1 });
  assert.deepEqual(inside({ x: 0, y: 100, zoom: 2 }, wide), { x: 12.5, y: 75, zoom: 2 });
});

test("it moves by parts of its own side", () => {
  assert.deepEqual(moved({ x: 50, y: 50, zoom: 2 }, wide, 1, -0.5), { x: 75, y: 25, zoom: 2 });
});

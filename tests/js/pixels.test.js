// Pixels from a layout; that plotly draws at the same places is tested in a browser.
import assert from "node:assert/strict";
import { it } from "node:test";
import { isInside, pixelsAcross, pixelsDown } from "../../swift_demo/viewer/static/pixels.js";

const LAYOUT = { width: 500, height: 300, margin: { l: 60, r: 40, t: 20, b: 80 } };

it("begins and ends between the margins, and counts down from the top", () => {
  const axis = { range: [-1, 3] };
  assert.deepEqual([-1, 1, 3].map((value) => pixelsAcross(LAYOUT, axis, value)), [60, 260, 460]);
  assert.deepEqual([-1, 1, 3].map((value) => pixelsDown(LAYOUT, axis, value)), [220, 120, 20]);
});

it("follows a range the other way round", () => {
  const axis = { range: [20.5, 0.5] };
  assert.deepEqual([0.5, 20.5].map((value) => pixelsAcross(LAYOUT, axis, value)), [460, 60]);
  assert.deepEqual([0.5, 20.5].map((value) => pixelsDown(LAYOUT, axis, value)), [20, 220]);
});

it("gives an axis its part of the plot", () => {
  const axis = { range: [0, 10], domain: [0.25, 0.75] };
  assert.deepEqual([0, 10].map((value) => pixelsAcross(LAYOUT, axis, value)), [160, 360]);
  assert.deepEqual([0, 10].map((value) => pixelsDown(LAYOUT, axis, value)), [170, 70]);
});

it("rounds sizes and margins as plotly does", () => {
  const layout = { width: 500.4, height: 299.6, margin: { l: 59.6, r: 40.4, t: 20.4, b: 79.6 } };
  const axis = { range: [0, 1] };
  for (const value of [0, 0.3, 1]) {
    assert.equal(pixelsAcross(layout, axis, value), pixelsAcross(LAYOUT, axis, value));
    assert.equal(pixelsDown(layout, axis, value), pixelsDown(LAYOUT, axis, value));
  }
});

it("tells what lies on an axis, both ends included, whichever way it runs", () => {
  for (const range of [[0.5, 20.5], [20.5, 0.5]]) {
    assert.deepEqual([0, 0.5, 7, 20.5, 21].map((value) => isInside({ range }, value)),
      [false, true, true, true, false]);
  }
});

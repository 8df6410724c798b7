// Plotly may come before these scripts or after them.
import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { whenPlotly } from "../../swift_demo/viewer/static/plotly.js";

let numCalls = 0;
const count = () => { numCalls += 1; };
const load = () => globalThis.document.dispatchEvent(new Event("load"));

beforeEach(() => {
  numCalls = 0;
  globalThis.window = {};
  globalThis.document = new EventTarget();
});

it("is waited for, past other scripts, and told of once", () => {
  whenPlotly(count);
  load();
  assert.equal(numCalls, 0);
  globalThis.window.Plotly = {};
  load();
  load();
  assert.equal(numCalls, 1);
});

it("is taken at once where it is there", () => {
  globalThis.window.Plotly = {};
  whenPlotly(count);
  assert.equal(numCalls, 1);
});

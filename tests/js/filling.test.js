// Figures filled from tables; that Python fills them alike is tested with its own figures.
import assert from "node:assert/strict";
import { it } from "node:test";
import { cells, fill, tablesOf } from "../../swift_demo/viewer/static/filling.js";

const asIs = (value) => structuredClone(value);
const TABLES = {
  trials: [
    { event: 1, trial: 1, proposer: "random", attention: "010", mlp: "000" },
    { event: 4, trial: 2, proposer: "swap", attention: "010", mlp: "010" },
    { event: 6, trial: 3, proposer: "random", attention: "000", mlp: "010" },
  ],
  marks: [{ event: 2, at: 1.5, label: "a" }, { event: 3, at: null, label: "b" }],
};

function filled(bind, tables = TABLES) {
  const { data: [trace] } = fill({ layout: {}, traces: [{ type: "scatter", bind }] }, tables, asIs);
  return trace;
}

it("takes columns by their names", () => {
  assert.deepEqual(filled({ table: "trials", set: { x: "trial", text: "proposer" } }),
    { type: "scatter", x: [1, 2, 3], text: ["random", "swap", "random"] });
});

it("takes rows by a value, the newest, and the newest of each value", () => {
  const x = (bind) => filled({ table: "trials", set: { x: "trial" }, ...bind }).x;
  assert.deepEqual(x({ where: { proposer: "random" } }), [1, 3]);
  assert.deepEqual(x({ last: true }), [3]);
  assert.deepEqual(x({ last_of: "proposer" }), [3, 2]);
});

it("repeats a constant once for each row", () => {
  assert.deepEqual(filled({ table: "trials", set: {}, constant: { y: 7 } }).y, [7, 7, 7]);
});

it("makes rows of cells, with both ends marked as always kept", () => {
  const grid = ["attention", "mlp"];
  assert.deepEqual(filled({ table: "trials", last: true, grid }).z, [[-1, 0, -1], [-1, 1, -1]]);
  assert.deepEqual(filled({ table: "trials", grid: ["attention"] }).z, [[-1, 1, -1], [-1, 1, -1], [-1, 0, -1]]);
  assert.deepEqual(cells("1001"), [1, 0, 0, 1]); // a set given by hand may skip the ends
});

it("counts how often each layer is skipped", () => {
  assert.deepEqual(filled({ table: "trials", share: "attention" }).y, [0, 2 / 3, 0]);
  assert.deepEqual(filled({ table: "trials", share: "mlp" }, {}).y, []);
});

it("repeats a template for each row that has all of it", () => {
  const bind = { table: "marks", set: { x0: "at", name: "label" } };
  const repeat = { into: "shapes", bind, template: { y0: 0 } };
  const { layout } = fill({ layout: {}, traces: [], repeats: [repeat, repeat] }, TABLES, asIs);
  assert.deepEqual(layout.shapes, [{ y0: 0, x0: 1.5, name: "a" }, { y0: 0, x0: 1.5, name: "a" }]);
});

it("keeps an axis as wide as the whole run needs", () => {
  const range = (rule, rows, whole = rows) => fill({ layout: { xaxis: {} }, traces: [],
    ranges: { xaxis: { table: "trials", column: "trial", ...rule } } },
  { trials: rows }, asIs, { trials: whole }).layout.xaxis.range;
  const counted = { span: 20, room: 0.5 };
  assert.deepEqual(range(counted, TABLES.trials), [0.5, 20.5]);
  assert.deepEqual(range({ ...counted, is_reversed: true }, []), [20.5, 0.5]);
  assert.deepEqual(range({ from: 0, span: 2, stretch: 2 }, [], TABLES.trials), [0, 6]);
});

it("leaves the figure as it was, so that it can be filled again", () => {
  const figure = { layout: { xaxis: {} }, traces: [{ bind: { table: "trials", set: { x: "trial" } } }],
    repeats: [{ into: "shapes", bind: { table: "marks", set: { x0: "at" } }, template: {} }],
    ranges: { xaxis: { table: "trials", column: "trial", span: 2, room: 1 } } };
  const before = structuredClone(figure);
  const first = fill(figure, TABLES, asIs);
  assert.deepEqual(fill(figure, TABLES, asIs), first);
  assert.deepEqual(figure, before);
  assert.deepEqual(tablesOf(figure), ["trials", "marks"]);
});

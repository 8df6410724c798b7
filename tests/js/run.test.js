// A run's data: any moment is a prefix, chunks add up, and steps lead back where they came from.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  emptyRun, endTime, merge, momentAt, newest, nextMoment, numEvents, phaseBands, previousMoment, rowSince,
  rowsAt, tablesAt, timeAt,
} from "../../swift_demo/viewer/static/run.js";
import { SEEDS, madeChunk, madeChunks } from "./made.js";

const KINDS = ["token", "round", "trial"];

function merged(...chunks) {
  const data = emptyRun();
  for (const chunk of chunks) merge(data, chunk);
  return data;
}

const whole = (seed) => merged(madeChunk(seed));

// All moments that steps of a kind lead to, from one end to the other.
function walk(data, step, kind, from, to) {
  const seen = [from];
  while (seen.at(-1) !== to) {
    seen.push(step(data, kind, seen.at(-1)));
    assert.ok(seen.length <= numEvents(data) + 1, "a step stands still");
  }
  return seen;
}

for (const seed of SEEDS) {
  describe(`run ${seed}`, () => {
    it("is at any moment a prefix of each table", () => {
      const data = whole(seed);
      for (let moment = 0; moment <= numEvents(data); moment += 1) {
        for (const [table, rows] of Object.entries(data.tables)) {
          const seen = rowsAt(data, table, moment);
          assert.deepEqual(seen, rows.filter((row) => row.event < moment));
          assert.deepEqual(seen, rows.slice(0, seen.length));
          assert.equal(newest(data, table, moment), seen.at(-1) ?? null);
        }
        assert.deepEqual(tablesAt(data, ["trials"], moment), { trials: rowsAt(data, "trials", moment) });
      }
    });

    it("is the same told chunk by chunk and told at once", () => {
      const chunks = madeChunks(seed);
      assert.ok(chunks.length > 3);
      assert.deepEqual(merged(...chunks), whole(seed));
    });

    it("is the same at a moment whether more has come since or not", () => {
      const chunks = madeChunks(seed);
      const part = merged(...chunks.slice(0, 3));
      const moment = numEvents(part);
      for (const table of Object.keys(part.tables)) {
        assert.deepEqual(rowsAt(whole(seed), table, moment), part.tables[table]);
      }
    });

    for (const kind of KINDS) {
      it(`has the same moments by ${kind} forth and back`, () => {
        const data = whole(seed);
        const forth = walk(data, nextMoment, kind, 0, numEvents(data));
        const back = walk(data, previousMoment, kind, numEvents(data), 0);
        assert.deepEqual(back.reverse(), forth);
      });
    }

    it("leads from a time to the moment that it shows", () => {
      const data = whole(seed);
      for (let moment = 0; moment <= numEvents(data); moment += 1) {
        assert.equal(momentAt(data, timeAt(data, moment)), moment);
        assert.equal(momentAt(data, timeAt(data, moment) + 0.05), moment);
      }
      assert.equal(momentAt(data, -1), 0);
      assert.equal(momentAt(data, endTime(data) + 1), numEvents(data));
    });

    it("has phases one after the other, the last one up to the end", () => {
      const data = whole(seed);
      const bands = phaseBands(data);
      for (const [i, { start, end }] of bands.entries()) {
        assert.ok(start <= end && end <= (bands[i + 1]?.start ?? endTime(data)));
      }
      assert.equal(bands.length, data.tables.bands.filter(({ phase }) => phase).length);
      const last = data.tables.bands.at(-1);
      if (last.phase) assert.equal(bands.at(-1).end, endTime(data));
    });
  });
}

it("tells since which row a column has had its value", () => {
  const stages = ["reading", "optimising", "optimising", "accelerating", "optimising"];
  const data = merged({ tables: { stages: stages.map((stage, event) => ({ event, stage })) } });
  const since = [0, 1, 2, 3, 4, 5].map((moment) => rowSince(data, "stages", "stage", moment)?.event);
  assert.deepEqual(since, [undefined, 0, 1, 1, 3, 4]);
});

it("begins without any event", () => {
  const data = emptyRun();
  assert.deepEqual([numEvents(data), endTime(data), momentAt(data, 1)], [0, 0, 0]);
  assert.equal(newest(data, "trials", 1), null);
  for (const kind of KINDS) {
    assert.equal(nextMoment(data, kind, 0), 0);
    assert.equal(previousMoment(data, kind, 0), 0);
  }
});

it("never lets its clock go back", () => {
  assert.deepEqual(merged({ clocks: [1, 3, 2] }, { clocks: [2.5, 4] }).clocks, [1, 3, 3, 3, 4]);
});

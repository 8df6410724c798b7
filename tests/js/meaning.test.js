// What a selection means, in every run: the same rounds and tokens, wherever it was made.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  draftSelection, isSameSelection, isSameSkipSet, litTokens, meant, tokenSelection, tokenWords, trialSelection,
} from "../../swift_demo/viewer/static/meaning.js";
import { emptyRun, merge, rowsOf } from "../../swift_demo/viewer/static/run.js";
import { SEEDS, madeChunk } from "./made.js";

function runOf(seed, isGreedy = true) {
  const data = emptyRun();
  merge(data, madeChunk(seed));
  data.run = { ...data.run, is_greedy: isGreedy };
  return data;
}

const textsOf = (rows, indices) => indices.map((index) => rows[index].text);

for (const seed of SEEDS) {
  describe(`run ${seed}`, () => {
    const data = runOf(seed);
    const swift = rowsOf(data, "tokens.swift");
    const vanilla = rowsOf(data, "tokens.vanilla");
    const inspections = rowsOf(data, "inspections");

    it("lights a token's whole round, and picks the token alone", () => {
      for (const [index, row] of swift.entries()) {
        const lit = litTokens(data, tokenSelection(data, "swift", index)).swift;
        assert.deepEqual(lit.picked, [index]);
        assert.deepEqual(lit.same, [...swift.keys()].filter((i) => swift[i].round === row.round));
      }
    });

    it("means the same by a token of vanilla's text as by the one at its place in SWIFT's", () => {
      const joined = [...swift.keys()].filter((i) => swift[i].state !== "rejected");
      for (const index of vanilla.keys()) {
        const selection = tokenSelection(data, "vanilla", index);
        assert.deepEqual(selection, tokenSelection(data, "swift", joined[index]));
        assert.deepEqual(litTokens(data, selection).vanilla.picked, [index]);
      }
    });

    it("lights the same words in both lanes, rejected ones aside", () => {
      for (const { round } of inspections) {
        const lit = litTokens(data, { round, node: null, trial: null });
        assert.deepEqual(lit.swift.picked, []);
        const joined = lit.swift.same.filter((i) => swift[i].state !== "rejected");
        const seen = lit.vanilla.same.filter((i) => i < vanilla.length);
        assert.deepEqual(textsOf(vanilla, seen), textsOf(swift, joined).slice(0, seen.length));
      }
    });

    it("means by a trial all rounds that drafted with its skip set", () => {
      for (const { trial, attention, mlp, event } of rowsOf(data, "trials")) {
        const selection = trialSelection(data, trial);
        const users = inspections.filter((row) => row.attention === attention && row.mlp === mlp)
          .map(({ round }) => round);
        if (users.length) {
          assert.deepEqual([...meant(data, selection).rounds], users);
          assert.equal(selection.round, users[0]);
        } else if (selection) { // the round whose draft it was scored before
          assert.deepEqual([...meant(data, selection).rounds], [selection.round]);
          assert.equal(selection.round, inspections.find((row) => row.event >= event).round);
        } else assert.ok(inspections.every((row) => row.event < event));
        if (selection) assert.ok(isSameSkipSet(meant(data, selection).skipSet, { attention, mlp }));
      }
      assert.equal(trialSelection(data, 1e6), null);
    });

    it("lights nothing of vanilla's where the texts are sampled", () => {
      const sampled = runOf(seed, false);
      assert.equal(tokenSelection(sampled, "vanilla", 0), null);
      const lit = litTokens(sampled, tokenSelection(sampled, "swift", 0));
      assert.deepEqual(lit.vanilla, { same: [], picked: [] });
      assert.ok(lit.swift.same.length > 0);
    });
  });
}

it("tells skip sets apart by what they skip of either kind", () => {
  const one = { attention: "010", mlp: "000" };
  assert.ok(isSameSkipSet(one, { ...one, trial: 2 }));
  assert.ok(!isSameSkipSet(one, { ...one, attention: "000" }) && !isSameSkipSet(one, { ...one, mlp: "010" }));
});

it("finds a drafted token by its number", () => {
  const data = emptyRun();
  const drafts = [0, 1].map((node) => ({ event: 3, number: node + 1, round: 2, node }));
  merge(data, { tables: { drafts } });
  assert.deepEqual(draftSelection(data, 2), { round: 2, node: 1, trial: null });
  assert.equal(draftSelection(data, 2.5), null);
});

it("tells selections apart by all that they say", () => {
  const selection = { round: 1, node: 2, trial: null };
  assert.ok(isSameSelection(selection, { ...selection }) && isSameSelection(null, null));
  const others = [{ round: 2 }, { node: null }, { trial: 1 }].map((more) => ({ ...selection, ...more }));
  for (const other of [null, ...others]) {
    assert.ok(!isSameSelection(selection, other) && !isSameSelection(other, selection));
  }
  assert.deepEqual([...meant(emptyRun(), null).rounds], []);
});

it("says what a token is", () => {
  const row = { text: " \n", state: "accepted", round: 3, confidence: 0.876, target_prob: null };
  assert.equal(tokenWords(row), "space, accepted draft, round 3, confidence 0.88");
  assert.equal(tokenWords({ ...row, text: " on", confidence: null, target_prob: 0.5 }),
    "on, accepted draft, round 3, target probability 0.50");
});

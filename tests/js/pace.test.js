// How slowly a live run is shown by default: slow models in real time, fast ones so that one can read along.
import assert from "node:assert/strict";
import { it } from "node:test";
import { readablePace } from "../../swift_demo/viewer/static/pace.js";
import { emptyRun } from "../../swift_demo/viewer/static/run.js";

const PROMPT_S = 3;

// Both lanes after so many tokens, at their rates; SWIFT's come four at once.
function runOf({ vanilla, swift = vanilla, numTokens = 20 }) {
  const data = emptyRun();
  const rows = (lane, rate, step) => Array.from({ length: Math.floor(numTokens / step) + 1 }, (_, i) =>
    ({ lane, num_tokens: i * step, clock_s: PROMPT_S + (i * step) / rate }));
  data.tables.progress = [...rows("vanilla", vanilla, 1), ...rows("swift", swift, 4)];
  return data;
}

it("shows a model slower than reading speed in real time", () => {
  for (const rate of [0.1, 1, 3, 13, 19.9]) assert.equal(readablePace(runOf({ vanilla: rate })), null);
});

it("slows a faster one no more than is needed to read along", () => {
  for (let rate = 21; rate < 800; rate += 7) {
    const pace = readablePace(runOf({ vanilla: rate }));
    assert.ok(pace < 1 && rate * pace <= 20.01, `${rate} at ${pace}`);
    assert.ok(rate * pace >= 20 / 2.6, `${rate} at ${pace} is slower than it need be`);
  }
});

it("goes by the faster lane", () => {
  assert.equal(readablePace(runOf({ vanilla: 15, swift: 30 })), 0.5);
  assert.equal(readablePace(runOf({ vanilla: 30, swift: 15 })), 0.5);
});

it("takes the slowest there is where nothing is slow enough", () => {
  assert.equal(readablePace(runOf({ vanilla: 5000 })), 0.025);
});

it("waits until both lanes have given some tokens, without their prompts", () => {
  assert.equal(readablePace(emptyRun()), undefined);
  assert.equal(readablePace(runOf({ vanilla: 10, numTokens: 8 })), undefined);
  assert.equal(readablePace(runOf({ vanilla: 10, numTokens: 12 })), null);
});

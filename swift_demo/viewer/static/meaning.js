// What a selection means: which rounds, which skip set, which tokens.
// A selection is {round, node, trial}: `node` counts the round's nodes (see value.py) and is null for a whole
// round; with a trial, it means all rounds that drafted with its skip set, and `round` is the first of them.
import { rowsBefore, rowsOf } from "./run.js";
import { TOKEN_WORDS } from "./words.js";

const SELECTION_PARTS = ["round", "node", "trial"];

export const isSameSelection = (one, other) =>
  one === other || Boolean(one && other && SELECTION_PARTS.every((part) => one[part] === other[part]));

// Whether two rows tell of the same skip set.
export const isSameSkipSet = (one, other) => one.attention === other.attention && one.mlp === other.mlp;

const trialRow = (data, trial) => rowsOf(data, "trials").find((row) => row.trial === trial);

// A trial as a selection: the first round that drafted with its skip set; if none did, the round before whose
// draft it was scored. Null if there is no such trial or no such round.
export function trialSelection(data, trial) {
  const row = trialRow(data, trial);
  if (!row) return null;
  const rounds = rowsOf(data, "inspections");
  const user = rounds.find((round) => isSameSkipSet(round, row)) || rounds[rowsBefore(rounds, row.event)];
  return user ? { round: user.round, node: null, trial } : null;
}

// A drafted token as a selection, by its number in the order of drafting.
export function draftSelection(data, number) {
  const draft = rowsOf(data, "drafts").find((row) => row.number === number);
  return draft ? { round: draft.round, node: draft.node, trial: null } : null;
}

// A token of a lane as a selection, by its place in the lane's table. Greedy texts are the same, so a vanilla
// token means the SWIFT token at its place; sampled texts differ, so there it means nothing.
export function tokenSelection(data, lane, index) {
  let row = rowsOf(data, "tokens." + lane)[index];
  if (lane === "vanilla") {
    row = data.run && data.run.is_greedy ? rowsOf(data, "tokens.swift").filter(hasJoined)[index] : null;
  }
  return row ? { round: row.round, node: row.node, trial: null } : null;
}

const hasJoined = ({ state }) => state !== "rejected";

// The rounds that a selection means, as a set of numbers, and a row that tells their skip set, or null.
export function meant(data, selection) {
  if (!selection) return { rounds: new Set(), skipSet: null };
  const inspections = rowsOf(data, "inspections");
  if (selection.trial === null) {
    const own = inspections.find(({ round }) => round === selection.round);
    return { rounds: new Set([selection.round]), skipSet: own || null };
  }
  const skipSet = trialRow(data, selection.trial);
  const users = inspections.filter((row) => isSameSkipSet(row, skipSet)).map(({ round }) => round);
  return { rounds: new Set(users.length ? users : [selection.round]), skipSet };
}

// For each lane, the indices of its tokens that light up, and of those that are picked.
export function litTokens(data, selection) {
  const { rounds } = meant(data, selection);
  const lit = { vanilla: { same: [], picked: [] }, swift: { same: [], picked: [] } };
  let place = 0; // in the text
  rowsOf(data, "tokens.swift").forEach((row, index) => {
    if (rounds.has(row.round)) {
      const isPicked = row.round === selection.round && row.node === selection.node;
      lit.swift.same.push(index);
      if (isPicked) lit.swift.picked.push(index);
      if (hasJoined(row) && data.run.is_greedy) {
        lit.vanilla.same.push(place);
        if (isPicked) lit.vanilla.picked.push(place);
      }
    }
    if (hasJoined(row)) place += 1;
  });
  return lit;
}

// What is known of a token, in words, its numbers with so many decimals.
export function tokenFacts({ state, round, confidence, target_prob: targetProb }, decimals) {
  const facts = [`${TOKEN_WORDS[state]}, round ${round}`];
  if (confidence !== null) facts.push("confidence " + confidence.toFixed(decimals));
  if (targetProb !== null) facts.push("target probability " + targetProb.toFixed(decimals));
  return facts;
}

// A token in words, for screen readers.
export const tokenWords = (row) => [row.text.trim() || "space", ...tokenFacts(row, 2)].join(", ");

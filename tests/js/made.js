// Made runs, the same for the same seed: rounds of SWIFT and vanilla's tokens, told in chunks.

const NUM_EVENTS = 60;
const MOST_IN_A_CHUNK = 9;

// Numbers from 0 to below 1.
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const token = (event, text, state, round, node) =>
  ({ event, text, state, round, node, confidence: null, target_prob: null });

// A round in which one token was drafted and rejected beside those that joined the text.
function roundRows(event, round, texts, skipSet) {
  const rows = [...texts.map((text, node) => token(event, text, "accepted", round, node)),
    token(event, "x", "rejected", round, texts.length),
    token(event, "c" + round, "corrected", round, texts.length + 1)];
  return { "tokens.swift": rows, inspections: [{ event, round, ...skipSet }] };
}

// The tables' rows of each event, in order. Greedy: both lanes write the same text.
function madeEvents(seed) {
  const random = randomFrom(seed);
  const events = [];
  let round = 0;
  let trial = 0;
  let skipSet = { attention: "00", mlp: "00" };
  const texts = [];
  let numVanilla = 0;
  for (let event = 0; event < NUM_EVENTS; event += 1) {
    const kind = random();
    if (kind < 0.3) {
      round += 1;
      const drafted = Array.from({ length: Math.floor(3 * random()) }, (_, i) => `t${round}.${i}`);
      texts.push(...drafted, "c" + round);
      events.push(roundRows(event, round, drafted, skipSet));
    } else if (kind < 0.5) {
      trial += 1;
      const became = random() < 0.5;
      const bit = () => (random() < 0.5 ? "01" : "00");
      const tried = { attention: bit(), mlp: bit() };
      if (became) skipSet = tried;
      const row = { event, trial, ...tried, became_incumbent: became, matchness: random() };
      events.push({ trials: [row], ...(became && { skip_sets: [{ event, trial, ...tried }] }) });
    } else if (kind < 0.9 && numVanilla < texts.length) {
      events.push({ "tokens.vanilla": [token(event, texts[numVanilla], "vanilla", numVanilla + 1, null)] });
      numVanilla += 1;
    } else {
      events.push({ bands: [{ event, phase: random() < 0.3 ? "" : "optimising" }] });
    }
  }
  return events;
}

function chunkOf(events, first) {
  const tables = {};
  for (const rowsByTable of events) {
    for (const [table, rows] of Object.entries(rowsByTable)) (tables[table] ||= []).push(...rows);
  }
  return { clocks: events.map((_, i) => (first + i + 1) / 10), tables };
}

const FIRST = { run: { is_greedy: true, num_layers: 2 }, figures: {}, legend_room: 0 };

// The run in one chunk.
export const madeChunk = (seed) => ({ ...FIRST, ...chunkOf(madeEvents(seed), 0) });

// The same run in several.
export function madeChunks(seed) {
  const random = randomFrom(seed + 1);
  const events = madeEvents(seed);
  const chunks = [];
  for (let first = 0; first < events.length;) {
    const next = first + 1 + Math.floor(MOST_IN_A_CHUNK * random());
    chunks.push({ ...(first === 0 && FIRST), ...chunkOf(events.slice(first, next), first) });
    first = next;
  }
  return chunks;
}

export const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

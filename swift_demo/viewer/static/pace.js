// How slowly a live run is shown so that people can read along: never slower than that needs.
import { rowsOf } from "./run.js";

export const READABLE = "readable"; // a pace by this name is found here
const MOST_PER_SECOND = 20; // tokens that can be followed
const LEAST_TOKENS = 8; // before a lane's rate is known
const PACES = [0.5, 0.25, 0.1, 0.05, 0.025];

// Tokens per second of a lane's own clock, the prompt left out; null while there are too few.
function rateOf(data, lane) {
  const rows = rowsOf(data, "progress").filter((row) => row.lane === lane && row.num_tokens > 0);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || last.num_tokens - first.num_tokens < LEAST_TOKENS) return null;
  const seconds = last.clock_s - first.clock_s;
  return seconds > 0 ? (last.num_tokens - first.num_tokens) / seconds : null;
}

// Of the paces that can be followed the fastest; null is real time, which is enough for slow models;
// undefined while nobody knows how fast this one is.
export function readablePace(data) {
  const rates = ["vanilla", "swift"].map((lane) => rateOf(data, lane));
  if (rates.includes(null)) return undefined;
  const rate = Math.max(...rates);
  if (rate <= MOST_PER_SECOND) return null;
  return PACES.find((pace) => rate * pace <= MOST_PER_SECOND) ?? PACES.at(-1);
}

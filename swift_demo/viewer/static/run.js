// The data of one run, merged from append-only chunks (see value.py), and any moment of it.
// A moment is a number of events: rows are stamped with their event's index, so what is seen at a moment is a
// prefix of each table, found by binary search.

// The tables whose rows the steps follow.
const STEP_TABLES = { token: ["tokens.vanilla", "tokens.swift"], round: ["tokens.swift"], trial: ["trials"] };
export const STEP_KINDS = Object.keys(STEP_TABLES);
const OVER = ["stopped", "failed", "finished", "recorded"];

export const isUnderWay = (state) => state === "loading" || state === "running";
export const isOver = (state) => OVER.includes(state);

export function emptyRun() {
  return { run: null, figures: null, legendRoom: 0, clocks: [], tables: {} };
}

export function merge(data, chunk) {
  data.run = chunk.run || data.run;
  data.figures = chunk.figures || data.figures;
  data.legendRoom = chunk.legend_room || data.legendRoom;
  for (const clock of chunk.clocks || []) data.clocks.push(Math.max(clock, endTime(data)));
  for (const [table, rows] of Object.entries(chunk.tables || {})) {
    data.tables[table] = data.tables[table] || [];
    for (const row of rows) data.tables[table].push(row);
  }
}

// All rows of a table, none if it is not there yet.
export const rowsOf = (data, table) => data.tables[table] || [];

// How many items at the start of a list meet a condition that holds up to some point.
function countWhile(list, holds) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

// How many rows there are at a moment.
export const rowsBefore = (rows, moment) => countWhile(rows, (row) => row.event < moment);

// The rows of a table at a moment.
export function rowsAt(data, table, moment) {
  const rows = rowsOf(data, table);
  const count = rowsBefore(rows, moment);
  return count === rows.length ? rows : rows.slice(0, count);
}

export const tablesAt = (data, tables, moment) =>
  Object.fromEntries(tables.map((table) => [table, rowsAt(data, table, moment)]));

// The last row of a table at a moment, or null.
export function newest(data, table, moment) {
  const rows = rowsOf(data, table);
  return rows[rowsBefore(rows, moment) - 1] || null;
}

// The row since which a column has had its value at a moment, or null.
export function rowSince(data, table, column, moment) {
  const rows = rowsOf(data, table);
  let at = rowsBefore(rows, moment) - 1;
  while (at > 0 && rows[at - 1][column] === rows[at][column]) at -= 1;
  return rows[at] || null;
}

// ---- moments and seconds ----

export const numEvents = (data) => data.clocks.length;
export const timeAt = (data, moment) => (moment ? data.clocks[moment - 1] : 0);
export const endTime = (data) => timeAt(data, numEvents(data));
export const momentAt = (data, time) => countWhile(data.clocks, (clock) => clock <= time);

// ---- steps: the moments just after an event of a kind ----

export function nextMoment(data, kind, moment) {
  const next = STEP_TABLES[kind].map((table) => rowsOf(data, table))
    .map((rows) => rows[rowsBefore(rows, moment)]).filter(Boolean);
  return next.length ? Math.min(...next.map((row) => row.event)) + 1 : numEvents(data);
}

export function previousMoment(data, kind, moment) {
  const before = STEP_TABLES[kind].map((table) => newest(data, table, moment - 1)).filter(Boolean);
  return before.length ? Math.max(...before.map((row) => row.event)) + 1 : 0;
}

// Phases as stretches of seconds; the last one lasts to the end.
export function phaseBands(data) {
  const rows = rowsOf(data, "bands");
  return rows.map(({ event, phase }, i) => {
    const next = rows[i + 1];
    return { phase, start: data.clocks[event], end: next ? data.clocks[next.event] : endTime(data) };
  }).filter((band) => band.phase);
}

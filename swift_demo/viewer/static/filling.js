// Fills figures from tables: the same rules as filling.py.

const ALWAYS_KEPT = -1;

// Fills in the named colours, as the theme of the page around `root` has them.
export function colourer(root) {
  const style = getComputedStyle(root);
  const coloured = (value) => {
    if (typeof value === "string") {
      return value.startsWith("@") ? style.getPropertyValue("--sv-" + value.slice(1)).trim() : value;
    }
    if (Array.isArray(value)) return value.map(coloured);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item)]));
  };
  return coloured;
}

// The tables that a figure is filled from.
export function tablesOf({ traces, repeats = [] }) {
  const binds = [...traces, ...repeats].map(({ bind }) => bind).filter(Boolean);
  return [...new Set(binds.map(({ table }) => table))];
}

function boundRows(bind, tables) {
  let rows = tables[bind.table] || [];
  for (const [column, value] of Object.entries(bind.where || {})) {
    rows = rows.filter((row) => row[column] === value);
  }
  if (bind.last) rows = rows.slice(-1);
  if (bind.last_of) rows = [...new Map(rows.map((row) => [row[bind.last_of], row])).values()];
  const needed = Object.values(bind.set || {});
  return rows.filter((row) => needed.every((column) => row[column] !== null));
}

// A line of cells over all layers: 1 skipped, 0 kept, ALWAYS_KEPT what no search skips, at both ends.
export const cells = (bits) => Array.from(bits, (bit, layer) =>
  (bit === "0" && (layer === 0 || layer === bits.length - 1) ? ALWAYS_KEPT : Number(bit)));

function shares(lines) {
  const sums = [];
  for (const bits of lines) for (let i = 0; i < bits.length; i += 1) sums[i] = (sums[i] || 0) + Number(bits[i]);
  return sums.map((sum) => sum / lines.length);
}

function axisRange(rule, rows) {
  const { column } = rule;
  const high = rows.reduce((most, row) => Math.max(most, row[column]), rows.length ? -Infinity : 1);
  if ("from" in rule) return [rule.from, Math.max(high, rule.from + rule.span) * rule.stretch];
  const low = rows.length ? rows[0][column] : 1;
  const limits = [low - rule.room, Math.max(high, low + rule.span - 1) + rule.room];
  return rule.is_reversed ? limits.reverse() : limits;
}

function filledTrace({ bind, ...rest }, tables, coloured) {
  const trace = coloured(rest);
  if (!bind) return trace;
  const rows = boundRows(bind, tables);
  for (const [attribute, column] of Object.entries(bind.set || {})) {
    trace[attribute] = rows.map((row) => row[column]);
  }
  for (const [attribute, value] of Object.entries(bind.constant || {})) {
    trace[attribute] = rows.map(() => value);
  }
  if (bind.share) trace.y = shares(rows.map((row) => row[bind.share]));
  if (bind.grid) trace.z = rows.flatMap((row) => bind.grid.map((column) => cells(row[column])));
  return trace;
}

// Axes reach as far as the rows of `whole` do: given the whole run, nothing moves while one scrubs.
export function fill(figure, tables, coloured, whole = tables) {
  const layout = coloured(figure.layout);
  for (const { into, bind, template } of figure.repeats || []) {
    layout[into] = layout[into] || [];
    for (const row of boundRows(bind, tables)) {
      const item = coloured(template);
      for (const [attribute, column] of Object.entries(bind.set)) item[attribute] = row[column];
      layout[into].push(item);
    }
  }
  for (const [axis, rule] of Object.entries(figure.ranges || {})) {
    layout[axis].range = axisRange(rule, whole[rule.table] || []);
  }
  return { data: figure.traces.map((trace) => filledTrace(trace, tables, coloured)), layout };
}

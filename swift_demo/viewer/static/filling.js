// Fills figures from points: the same rules as filling.py.
(function () {
  "use strict";

  const ALWAYS_KEPT = -1;

  function colourer(root) {
    const style = getComputedStyle(root);
    const coloured = (value) => {
      if (typeof value === "string") {
        return value[0] === "@" ? style.getPropertyValue("--sv-" + value.slice(1)).trim() : value;
      }
      if (Array.isArray(value)) return value.map(coloured);
      if (value === null || typeof value !== "object") return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item)]));
    };
    return coloured;
  }

  function select(bind, points, series) {
    const columns = series[bind.series];
    let rows = points[bind.series] || [];
    for (const [column, value] of Object.entries(bind.where || {})) {
      rows = rows.filter((row) => row[columns.indexOf(column)] === value);
    }
    if (bind.last) rows = rows.slice(-1);
    if (bind.last_of) {
      const at = columns.indexOf(bind.last_of);
      rows = [...new Map(rows.map((row) => [row[at], row])).values()];
    }
    return rows;
  }

  function cells(bits, part) {
    const half = bits.length / 2;
    const attention = bits.slice(0, half);
    const mlp = bits.slice(half);
    const rows = { attention: [attention], mlp: [mlp], both: [attention, mlp] }[part];
    const isEnd = (i) => i === 0 || i === half - 1;
    return rows.map((row) => Array.from(row, (bit, i) => (bit === "0" && isEnd(i) ? ALWAYS_KEPT : Number(bit))));
  }

  function shares(texts, part) {
    if (!texts.length) return [];
    const half = texts[0].length / 2;
    const sums = new Array(half).fill(0);
    const first = part === "mlp" ? half : 0;
    for (const bits of texts) for (let i = 0; i < half; i += 1) sums[i] += bits[first + i] === "1";
    return sums.map((sum) => sum / texts.length);
  }

  function axisRange(rule, rows, at) {
    const high = rows.reduce((most, row) => Math.max(most, row[at]), rows.length ? -Infinity : 1);
    if ("from" in rule) return [rule.from, Math.max(high, rule.from + rule.span) * rule.stretch];
    const low = rows.length ? rows[0][at] : 1;
    const limits = [low - rule.room, Math.max(high, low + rule.span - 1) + rule.room];
    return rule.is_reversed ? limits.reverse() : limits;
  }

  // Axes reach as far as the whole run's points do, so that nothing moves while one scrubs.
  function fill(figure, points, series, coloured, whole = points) {
    const traces = figure.traces.map(({ bind, ...rest }) => {
      const trace = coloured(rest);
      if (!bind) return trace;
      const at = (column) => series[bind.series].indexOf(column);
      const rows = select(bind, points, series);
      for (const [attribute, column] of Object.entries(bind.set || {})) {
        trace[attribute] = rows.map((row) => row[at(column)]);
      }
      for (const [attribute, value] of Object.entries(bind.constant || {})) {
        trace[attribute] = rows.map(() => value);
      }
      if (bind.share) trace.y = shares(rows.map((row) => row[at("bits")]), bind.share);
      if (bind.grid) trace.z = rows.flatMap((row) => cells(row[at("bits")], bind.grid));
      return trace;
    });
    const layout = coloured(figure.layout);
    for (const { into, bind, template } of figure.repeats || []) {
      layout[into] = layout[into] || [];
      for (const row of select(bind, points, series)) {
        const item = coloured(template);
        for (const [attribute, column] of Object.entries(bind.set)) {
          item[attribute] = row[series[bind.series].indexOf(column)];
        }
        if (!Object.values(item).includes(null)) layout[into].push(item);
      }
    }
    for (const [axis, rule] of Object.entries(figure.ranges || {})) {
      layout[axis].range = axisRange(rule, whole[rule.series] || [], series[rule.series].indexOf(rule.column));
    }
    return { data: traces, layout };
  }

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});
  viewer.fill = fill;
  viewer.filling = { colourer };
})();

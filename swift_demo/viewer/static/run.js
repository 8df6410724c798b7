// The data of one run, merged from append-only chunks (see view.py), and any moment of it.
// A moment is a number of events: rows begin with their event's index, so what is seen at a moment
// is a prefix of each list, found by halving.
(function () {
  "use strict";

  function emptyRun() {
    return { run: null, figures: null, tokens: {}, points: {}, texts: {}, status: {}, phases: [], rounds: [], times: [] };
  }

  function merge(data, chunk) {
    data.run = chunk.run || data.run;
    data.figures = chunk.figures || data.figures;
    for (const part of ["tokens", "points"]) {
      for (const [name, rows] of Object.entries(chunk[part] || {})) {
        for (const row of rows) listOf(data[part], name).push(row);
      }
    }
    for (const [index, key, text] of chunk.numbers || []) listOf(data.texts, key).push([index, text]);
    for (const [index, lane, text] of chunk.status || []) listOf(data.status, lane).push([index, text]);
    data.rounds.push(...(chunk.rounds || []));
    data.phases.push(...(chunk.phases || []));
    for (const time of chunk.times || []) data.times.push(Math.max(time, endTime(data)));
  }

  function listOf(lists, name) {
    lists[name] = lists[name] || [];
    return lists[name];
  }

  // How many items at the beginning of a list fulfil a condition that holds up to some point.
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

  const rowsBefore = (rows, moment) => (rows ? countWhile(rows, (row) => row[0] < moment) : 0);

  function textAt(rows, moment) {
    const count = rowsBefore(rows, moment);
    return count ? rows[count - 1][1] : "";
  }

  function pointsAt(data, moment) {
    return Object.fromEntries(Object.entries(data.points).map(([name, rows]) => {
      const count = rowsBefore(rows, moment);
      return [name, count === rows.length ? rows : rows.slice(0, count)];
    }));
  }

  // ---- moments and seconds ----

  const endTime = (data) => (data.times.length ? data.times[data.times.length - 1] : 0);
  const timeAt = (data, moment) => (moment ? data.times[moment - 1] : 0);

  const momentAt = (data, time) => countWhile(data.times, (known) => known <= time);

  // ---- steps: the moments just after an event of a kind ----

  function rowsOf(data, kind) {
    if (kind === "trial") return [data.points.trials || []];
    if (kind === "round") return [data.tokens.swift || []];
    return Object.values(data.tokens);
  }

  function nextMoment(data, kind, moment) {
    const next = rowsOf(data, kind).map((rows) => rows[rowsBefore(rows, moment)]).filter(Boolean);
    return next.length ? Math.min(...next.map((row) => row[0])) + 1 : data.times.length;
  }

  function previousMoment(data, kind, moment) {
    const before = rowsOf(data, kind).map((rows) => rows[rowsBefore(rows, moment - 1) - 1]).filter(Boolean);
    return before.length ? Math.max(...before.map((row) => row[0])) + 1 : 0;
  }

  // Phases as stretches of seconds; the last one goes on to the end.
  function bands(data) {
    const end = endTime(data);
    return data.phases.map(([event, phase], i) => {
      const next = data.phases[i + 1];
      return { phase, start: data.times[event], end: next ? data.times[next[0]] : end };
    }).filter((band) => band.phase);
  }

  window.SwiftViewer = Object.assign(window.SwiftViewer || {}, {
    run: {
      emptyRun, merge, rowsBefore, textAt, pointsAt, endTime, timeAt, momentAt, nextMoment, previousMoment,
      bands,
    },
  });
})();

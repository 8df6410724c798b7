// What is pointed at or locked: a token, a round or a trial. Tokens light up here, plots in highlights.js.
// A selection is {round, node, trial}: node counts the round's nodes (see nodes.py) and is null for a whole
// round; with a trial, all rounds that drafted with its skip set are meant, and `round` is the first of them.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  const [TEXT, STATE, ROUND, CONFIDENCE, TARGET_PROB, NODE] = [1, 2, 3, 4, 5, 6];

  const columnOf = (data, series, name) => data.figures.series[series].indexOf(name);

  function roundsAt(data, moment) {
    return data.rounds.slice(0, viewer.run.rowsBefore(data.rounds, moment));
  }

  function rowsWithTrial(data, trial) {
    const at = columnOf(data, "trials", "trial");
    return (data.points.trials || []).filter((row) => row[at] === trial);
  }

  // A trial as a selection: the first round that drafted with its skip set; if none did, the round before
  // whose draft it was scored.
  function trialSelection(data, trial) {
    const [row] = rowsWithTrial(data, trial);
    if (!row) return null;
    const bits = row[columnOf(data, "trials", "bits")];
    const user = data.rounds.find(([, , facts]) => facts.bits === bits) ||
      data.rounds[viewer.run.rowsBefore(data.rounds, row[0])];
    return user ? { round: user[1], node: null, trial } : null;
  }

  // The rounds that a selection means, as a set of numbers, and the bits of their skip set.
  function meant(data, selection) {
    if (!selection) return { rounds: new Set(), bits: null };
    const own = data.rounds.find((row) => row[1] === selection.round);
    if (selection.trial === null) return { rounds: new Set([selection.round]), bits: own ? own[2].bits : null };
    const bits = rowsWithTrial(data, selection.trial)[0][columnOf(data, "trials", "bits")];
    const users = data.rounds.filter(([, , facts]) => facts.bits === bits).map((row) => row[1]);
    return { rounds: new Set(users.length ? users : [selection.round]), bits };
  }

  // Indices of the lit tokens of each lane. Greedy texts are the same, so vanilla's light up at the same places.
  function litTokens(data, selection, rounds) {
    const lit = { vanilla: [], swift: [], picked: [] };
    let place = 0;
    (data.tokens.swift || []).forEach((row, index) => {
      const joined = row[STATE] !== "rejected";
      if (rounds.has(row[ROUND])) {
        const isPicked = row[ROUND] === selection.round && row[NODE] === selection.node;
        lit.swift.push(index);
        if (isPicked) lit.picked.push(["swift", index]);
        if (joined && data.run.is_greedy) {
          lit.vanilla.push(place);
          if (isPicked) lit.picked.push(["vanilla", place]);
        }
      }
      if (joined) place += 1;
    });
    return lit;
  }

  function tokenSelection(data, lane, index) {
    let row = (data.tokens[lane] || [])[index];
    if (lane === "vanilla") {
      const joined = (data.tokens.swift || []).filter((other) => other[STATE] !== "rejected");
      row = data.run && data.run.is_greedy ? joined[index] : null;
    }
    return row ? { round: row[ROUND], node: row[NODE], trial: null } : null;
  }

  function tokenWords(row) {
    const state = viewer.words.STATES.find(([known]) => known === row[STATE]);
    const words = [row[TEXT].trim() || "space", state ? state[1] : row[STATE], "round " + row[ROUND]];
    if (row[CONFIDENCE] !== null) words.push("confidence " + row[CONFIDENCE].toFixed(2));
    if (row[TARGET_PROB] !== null) words.push("target probability " + row[TARGET_PROB].toFixed(2));
    return words.join(", ");
  }

  // `current` as in viewer.js; `onChange` is called when something else is meant.
  function createSelection(root, lanes, current, onChange) {
    let pointed = null;
    let locked = null;
    let lit = [];

    const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
    const now = () => locked || pointed;

    function point(selection) {
      if (isSame(pointed, selection)) return;
      pointed = selection;
      if (!locked) onChange();
    }

    function lock(selection) {
      if (!selection) return;
      locked = selection;
      onChange();
    }

    function free() {
      if (!locked) return;
      locked = null;
      pointed = null;
      onChange();
    }

    const toggle = (selection) => (locked && isSame(locked, selection) ? free() : lock(selection));

    function clear() {
      pointed = null;
      locked = null;
    }

    function draw() {
      const { data } = current();
      for (const span of lit) {
        span.classList.remove("sv-same", "sv-picked");
        if (span.hasAttribute("aria-pressed")) span.setAttribute("aria-pressed", "false");
      }
      lit = [];
      root.dataset.selection = locked ? "locked" : pointed ? "pointed" : "none";
      const selection = now();
      if (!selection) return;
      const tokens = litTokens(data, selection, meant(data, selection).rounds);
      for (const { name, spans } of lanes) {
        for (const index of tokens[name]) {
          if (!spans[index]) continue;
          spans[index].classList.add("sv-same");
          lit.push(spans[index]);
        }
        for (const [lane, index] of tokens.picked) {
          const span = lane === name ? spans[index] : null;
          if (!span) continue;
          span.classList.add("sv-picked");
          if (span.hasAttribute("aria-pressed")) span.setAttribute("aria-pressed", String(Boolean(locked)));
        }
      }
    }

    const selection = {
      point, lock, free, toggle, clear, draw, now,
      isLocked: () => Boolean(locked),
      pointTrial: (trial) => point(trialSelection(current().data, trial)),
      toggleTrial: (trial) => toggle(trialSelection(current().data, trial)),
    };
    for (const lane of lanes) listenToLane(lane, selection, current);
    const onKey = (event) => {
      if (!root.isConnected) document.removeEventListener("keydown", onKey);
      else if (event.key === "Escape" && !event.defaultPrevented) free();
    };
    document.addEventListener("keydown", onKey);
    return selection;
  }

  // One token of a lane at a time can have the focus: thousands of tab stops would help nobody.
  function listenToLane(lane, selection, current) {
    const { name, text } = lane;
    const spanOf = (event) => event.target.closest(".sv-token");
    const indexOf = (span) => lane.spans.indexOf(span);
    const selectionOf = (span) => tokenSelection(current().data, name, indexOf(span));

    function focus(span) {
      if (!span) return;
      const row = current().data.tokens[name][indexOf(span)];
      for (const [key, value] of Object.entries({ tabindex: "-1", role: "button", "aria-pressed": "false",
        "aria-label": tokenWords(row) })) span.setAttribute(key, value);
      span.focus({ preventScroll: true });
      const [box, frame] = [span.getBoundingClientRect(), text.getBoundingClientRect()];
      if (box.top < frame.top || box.bottom > frame.bottom) {
        text.scrollTop += box.top - frame.top - frame.height / 2;
      }
    }

    function neighbour(span, side, isRound) {
      const shown = lane.spans.slice(0, lane.numDrawn);
      let i = indexOf(span) + side;
      while (isRound && shown[i] && shown[i].dataset.round === span.dataset.round) i += side;
      return shown[i];
    }

    function onTokenKey(event, span) {
      const steps = { ArrowLeft: [-1], ArrowRight: [1], ArrowUp: [-1, true], ArrowDown: [1, true] };
      if (event.key in steps) focus(neighbour(span, ...steps[event.key]));
      else if (event.key === "Enter" || event.key === " ") selection.toggle(selectionOf(span));
      else if (event.key === "Escape") {
        if (selection.isLocked()) selection.free();
        else text.focus({ preventScroll: true });
      } else return;
      event.preventDefault();
    }

    text.addEventListener("mouseover", (event) => {
      const span = spanOf(event);
      selection.point(span ? selectionOf(span) : null);
    });
    text.addEventListener("mouseleave", () => selection.point(null));
    text.addEventListener("click", (event) => {
      const span = spanOf(event);
      if (String(window.getSelection())) return; // text was marked, to be copied
      if (span) selection.toggle(selectionOf(span));
      else selection.free();
    });
    text.addEventListener("focusin", (event) => {
      const span = spanOf(event);
      if (span) selection.point(selectionOf(span));
    });
    text.addEventListener("focusout", (event) => {
      const span = spanOf(event);
      if (!span) return;
      for (const key of ["tabindex", "role", "aria-pressed", "aria-label"]) span.removeAttribute(key);
      selection.point(null);
    });
    text.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const span = spanOf(event);
      if (span) onTokenKey(event, span);
      else if (event.key === "Enter" && lane.numDrawn) {
        event.preventDefault();
        focus(text.querySelector(".sv-picked") || lane.spans[lane.numDrawn - 1]);
      }
    });
  }

  viewer.selection = { createSelection, roundsAt, meant };
})();

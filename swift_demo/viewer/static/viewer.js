// Draws a run from append-only chunks (see view.py): text by textContent, figures by Plotly.react.
// Knows nothing of what the numbers mean; words and formats come with the chunks.
(function () {
  "use strict";

  const TOKEN_INTERVAL_MS = 100;
  const PLOT_INTERVAL_MS = 250;
  const NONE = "\u2013";
  const ALWAYS_KEPT = -1;
  const LANES = [
    ["vanilla", "Vanilla", "one pass of the whole model for each token", [
      ["tokens_per_s", "tokens/s", "tokens per second, prompt included"],
      ["tokens", "tokens", "tokens generated"],
      ["seconds", "seconds", "seconds on this lane's own clock"],
    ]],
    ["swift", "SWIFT", "drafts with fewer sub-layers, verifies with the whole model", [
      ["tokens_per_s", "tokens/s", "tokens per second, prompt included"],
      ["tokens", "tokens", "tokens generated"],
      ["seconds", "seconds", "seconds on this lane's own clock"],
      ["acceptance_rate", "accepted", "acceptance rate: accepted over drafted tokens"],
      ["tokens_per_round", "per round", "mean tokens per round, corrected and bonus tokens included"],
    ]],
  ];
  const STATES = [
    ["vanilla", "vanilla token"], ["accepted", "accepted draft"], ["rejected", "rejected draft"],
    ["corrected", "corrected by the target"], ["bonus", "bonus token"],
  ];
  const PLOTS = [
    ["heatmap", "Skipped sub-layers",
      "Each row is one trial, the newest at the bottom: a dark cell is a sub-layer that the draft skips. " +
      "The strip on top is the incumbent, the best set so far; its trial is framed below."],
    ["matchness", "Matchness of the trials",
      "Each mark is a skip set, placed by how many recent tokens its draft would have got right; " +
      "the line is the incumbent."],
    ["confidence", "Confidence of the draft",
      "Each mark is a drafted token, placed by how sure the draft was; drafting stops after a token " +
      "below the threshold line."],
  ];
  const RIBBON = {
    empty: ["Ready", "Press Run: the same model writes the same text twice, in two ways."],
    loading: ["Loading", "The model is being loaded."],
    running: ["Live", "Both lanes share one device and take turns; each is shown at its own speed."],
    stopped: ["Stopped", "The run was stopped; what was generated stays."],
    failed: ["Failed", "The run failed; what was generated stays."],
    finished: ["Finished", "Both lanes are done."],
    recorded: ["Recorded run", ""],
  };
  const WAITING = {
    empty: "Fills while SWIFT runs.",
    loading: "Waiting for the model\u2026",
    running: "Waiting for the first points\u2026",
    stopped: "Stopped before there was anything to plot.",
    failed: "Failed before there was anything to plot.",
    finished: "This run had nothing to plot here.",
    recorded: "This run had nothing to plot here.",
  };
  const LANE_WAITING = {
    empty: "The text appears here.",
    loading: "Waiting for the model\u2026",
    running: "Reading the prompt\u2026",
    stopped: "Stopped before the first token.",
    failed: "Failed before the first token.",
    finished: "No text.",
    recorded: "No text.",
  };

  function build(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  // ---- filling figures from points: the same rules as filling.py ----

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
    return bind.last ? rows.slice(-1) : rows;
  }

  function cells(bits, part) {
    const half = bits.length / 2;
    const attention = bits.slice(0, half);
    const mlp = bits.slice(half);
    const rows = { attention: [attention], mlp: [mlp], both: [attention, mlp] }[part];
    return rows.map((row) => [ALWAYS_KEPT, ...Array.from(row, Number), ALWAYS_KEPT]);
  }

  function fill(figure, points, series, coloured) {
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
      const rows = points[rule.series] || [];
      const at = series[rule.series].indexOf(rule.column);
      const low = rows.length ? rows[0][at] : 1;
      const high = Math.max(rows.length ? rows[rows.length - 1][at] : 1, low + rule.span - 1);
      const limits = [low - rule.room, high + rule.room];
      layout[axis].range = rule.is_reversed ? limits.reverse() : limits;
    }
    return { data: traces, layout };
  }

  // ---- the data of one run: merging is concatenation ----

  function emptyRun() {
    return { run: null, figures: null, tokens: {}, points: {}, texts: {}, status: {} };
  }

  function appendAll(target, lists) {
    for (const [name, rows] of Object.entries(lists || {})) {
      target[name] = target[name] || [];
      for (const row of rows) target[name].push(row);
    }
  }

  function merge(data, chunk) {
    data.run = chunk.run || data.run;
    data.figures = chunk.figures || data.figures;
    appendAll(data.tokens, chunk.tokens);
    appendAll(data.points, chunk.points);
    for (const [, key, text] of chunk.numbers || []) data.texts[key] = text;
    for (const [, lane, text] of chunk.status || []) data.status[lane] = text;
  }

  // ---- drawing, never more often than the interval ----

  function painter(draw, intervalMs) {
    let last = -Infinity;
    let isPending = false;
    return () => {
      if (isPending) return;
      isPending = true;
      setTimeout(() => requestAnimationFrame(() => {
        isPending = false;
        last = performance.now();
        draw();
      }), Math.max(0, last + intervalMs - performance.now()));
    };
  }

  function tokenSpan([, text, state, round, confidence, targetProb]) {
    // A rejected line break must not break the line: it never was in the text.
    const shown = state === "rejected" ? text.replace(/\n/g, "\u21b5") : text;
    const facts = [(STATES.find(([name]) => name === state) || [state, state])[1] + ", round " + round];
    if (confidence !== null) facts.push("confidence " + confidence.toFixed(3));
    if (targetProb !== null) facts.push("target probability " + targetProb.toFixed(3));
    const attributes = { "data-round": round, title: facts.join("\n") };
    return styledToken(state, shown, attributes);
  }

  // The mark leaves out the space around the word: at a line's end it would dangle.
  function styledToken(state, text, attributes) {
    const [, before, word, after] = /^(\s*)([^]*?)(\s*)$/.exec(text);
    return build("span", { class: "sv-token", "data-state": state, ...attributes },
      before, build("span", { class: "sv-mark" }, word), after);
  }

  // Plotly's own legend does not fit a phone; this one wraps.
  const GLYPHS = {
    "circle": "\u25cf", "circle-open": "\u25cb", "square": "\u25a0", "triangle-up": "\u25b2",
    "triangle-left": "\u25c0", "diamond-open": "\u25c7", "star": "\u2605", "x": "\u2716",
    "line": "\u2501\u2501",
  };

  function legendItems(figure, coloured) {
    return figure.traces.filter((trace) => trace.name && trace.showlegend !== false).map((trace) => {
      const { symbol, color } = trace.marker || { symbol: "line", color: trace.line.color };
      const glyph = build("span", { class: "sv-glyph", "aria-hidden": "true" }, GLYPHS[symbol]);
      glyph.style.color = coloured(color);
      return build("li", {}, glyph, trace.name);
    });
  }

  // ---- the panels ----

  function laneParts([name, title, subtitle, figures]) {
    const text = build("div", { class: "sv-text", tabindex: "0", role: "region",
      "aria-label": title + " text", "data-testid": "lane-" + name });
    const waiting = build("p", { class: "sv-waiting" });
    const status = build("span", { class: "sv-status" });
    const numbers = {};
    const row = build("dl", { class: "sv-figures" });
    for (const [key, label, explanation] of figures) {
      numbers[name + "." + key] = build("dd", { "data-key": name + "." + key }, NONE);
      row.append(build("div", { title: explanation }, build("dt", {}, label), numbers[name + "." + key]));
    }
    const panel = build("section", { class: "sv-lane", "data-lane": name, "aria-label": title + " lane" },
      build("header", { class: "sv-lane-head" }, build("h3", { title: subtitle }, title), status),
      build("div", { class: "sv-text-frame" }, text, waiting), row);
    return { name, panel, text, waiting, status, numbers, numDrawn: 0 };
  }

  function plotParts([name, title, caption]) {
    const plot = build("div", { class: "sv-plot", role: "img", "aria-label": title,
      "data-testid": "plot-" + name });
    const waiting = build("p", { class: "sv-waiting" });
    const key = build("ul", { class: "sv-key" });
    const panel = build("section", { class: "sv-panel", "data-plot": name, "aria-label": title },
      build("h3", {}, title), build("div", { class: "sv-plot-frame" }, plot, waiting),
      key, build("p", { class: "sv-caption" }, caption));
    return { name, title, panel, plot, waiting, key };
  }

  function createViewer(element) {
    const lanes = LANES.map(laneParts);
    const plots = PLOTS.map(plotParts);
    const ribbonWord = build("strong", {});
    const ribbonText = build("span", {});
    const ribbon = build("div", { class: "sv-ribbon", "data-testid": "ribbon" }, ribbonWord, ribbonText);
    const live = build("div", { class: "sv-hidden", role: "status", "aria-live": "polite" });
    const speedup = build("div", { class: "sv-speedup-number", "data-testid": "speedup" }, NONE);
    const word = build("div", { class: "sv-speedup-word" }, "against vanilla");
    const accelerating = build("div", { class: "sv-accelerating", "data-testid": "speedup-accelerating" });
    const identical = build("div", { class: "sv-identical", "data-testid": "identical",
      "data-state": "unknown" }, NONE);
    const verdict = build("section", { class: "sv-verdict", "aria-label": "Speedup" },
      build("div", { class: "sv-verdict-main" }, speedup, build("div", {}, word, accelerating)),
      build("div", { class: "sv-identity" }, identical,
        build("div", { class: "sv-note" }, "SWIFT\u2019s text against vanilla\u2019s")));
    const legend = build("ul", { class: "sv-legend", "aria-label": "What the tokens look like" },
      ...STATES.map(([state, name]) => build("li", {},
        styledToken(state, name, {}))));
    const root = build("div", { class: "swift-viewer", "data-state": "empty" }, ribbon, live,
      build("div", { class: "sv-race" }, lanes[0].panel, verdict, lanes[1].panel), legend,
      build("div", { class: "sv-plots" }, ...plots.map((plot) => plot.panel)));
    element.replaceChildren(root);

    let data = emptyRun();
    let id = null;
    let numSeen = 0;
    let state = "empty";
    let message = "";

    function drawLane(lane) {
      const rows = data.tokens[lane.name] || [];
      const { text } = lane;
      const isAtEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 32;
      const added = document.createDocumentFragment();
      for (; lane.numDrawn < rows.length; lane.numDrawn += 1) added.append(tokenSpan(rows[lane.numDrawn]));
      if (added.childNodes.length) {
        text.append(added);
        if (isAtEnd) text.scrollTop = text.scrollHeight;
      }
      setText(lane.waiting, rows.length ? "" : LANE_WAITING[state]);
      const status = data.status[lane.name] || "";
      setText(lane.status, status);
      lane.panel.toggleAttribute("data-working", state === "running" && !status.startsWith("finished"));
      for (const [key, cell] of Object.entries(lane.numbers)) setText(cell, data.texts[key] || NONE);
    }

    function drawTexts() {
      const { texts } = data;
      root.dataset.state = state;
      const [name, standard] = RIBBON[state];
      setText(ribbonWord, name);
      setText(ribbonText, message || (state === "recorded" && data.run ? data.run.label : standard));
      ribbon.title = ribbonText.textContent;
      lanes.forEach(drawLane);
      setText(speedup, texts.speedup || NONE);
      setText(word, texts["speedup.word"] || "against vanilla");
      verdict.dataset.tone = texts["speedup.tone"] || "unknown";
      const while_ = texts["speedup.accelerating"];
      setText(accelerating, while_ ? while_ + " while accelerating" : "");
      setText(identical, texts.identical || NONE);
      identical.dataset.state = texts["identical.state"] || "unknown";
      // Spoken when the state or the phase changes, not for each token.
      const isDone = state !== "running" && state !== "empty" && state !== "loading";
      setText(live, [name + ".", message, data.status.swift ? "SWIFT: " +
        data.status.swift.replace(/, trial.*/, "") + "." : "", isDone && texts.speedup ?
        texts.speedup + " " + texts["speedup.word"] + ", " + texts.identical + "." : ""].join(" ").trim());
    }

    function drawPlots() {
      // The page may load plotly's large bundle after this script.
      if (data.figures && !window.Plotly) setTimeout(requestPlots, PLOT_INTERVAL_MS);
      const coloured = colourer(root);
      for (const { name, title, plot, waiting, key } of plots) {
        const isReady = Boolean(data.figures && window.Plotly);
        setText(waiting, isReady ? "" : WAITING[state]);
        plot.setAttribute("aria-label", title + ". " + (data.texts["alt." + name] || ""));
        if (!isReady) {
          if (plot.data) window.Plotly.purge(plot);
          key.replaceChildren();
          continue;
        }
        const { data: traces, layout } = fill(data.figures[name], data.points, data.figures.series, coloured);
        layout.uirevision = id;
        layout.showlegend = false;
        layout.height -= data.figures.legend_room;
        layout.margin.b -= data.figures.legend_room;
        key.replaceChildren(...legendItems(data.figures[name], coloured));
        window.Plotly.react(plot, traces, layout, { displaylogo: false, responsive: true });
      }
    }

    const requestTexts = painter(drawTexts, TOKEN_INTERVAL_MS);
    const requestPlots = painter(drawPlots, PLOT_INTERVAL_MS);

    function clear() {
      data = emptyRun();
      id = null;
      numSeen = 0;
      state = "empty";
      message = "";
      for (const lane of lanes) {
        lane.numDrawn = 0;
        lane.text.replaceChildren();
      }
      requestTexts();
      requestPlots();
    }

    function show(given) {
      const value = typeof given === "string" && given ? JSON.parse(given) : given;
      if (!value) {
        clear();
        return;
      }
      const chunks = value.chunks || [];
      if (value.id !== id || chunks.length < numSeen) clear();
      id = value.id;
      for (; numSeen < chunks.length; numSeen += 1) {
        const chunk = chunks[numSeen];
        merge(data, typeof chunk === "string" ? JSON.parse(chunk) : chunk);
      }
      state = value.state in RIBBON ? value.state : "empty";
      message = value.message || "";
      root.classList.toggle("sv-code", Boolean(value.is_code));
      requestTexts();
      requestPlots();
    }

    // Pointing at a token shows its round.
    const swiftText = lanes[1].text;
    swiftText.addEventListener("mouseover", (event) => {
      const token = event.target.closest(".sv-token");
      const round = token ? token.dataset.round : "";
      if (round === swiftText.dataset.shownRound) return;
      swiftText.dataset.shownRound = round;
      for (const other of swiftText.children) {
        other.classList.toggle("sv-same", other.dataset.round === round);
      }
    });

    // Gradio marks dark mode by a class on the body.
    new MutationObserver(requestPlots).observe(document.body,
      { attributes: true, attributeFilter: ["class"] });
    clear();
    return { show, clear, root };
  }

  function mount(element) {
    const viewer = element.swiftViewer;
    if (viewer && viewer.root.parentNode === element) return viewer;
    element.swiftViewer = createViewer(element);
    return element.swiftViewer;
  }

  window.SwiftViewer = { mount, fill };
})();

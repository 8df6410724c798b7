// The plots' panels, drawn by Plotly.react, one at a time and only where something has changed.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  // While one scrubs, drawing takes at most about a ninth of the time; at rest all is drawn at once.
  const INTERVAL_MS = 80;
  const SHARE = 8;
  const REST_MS = 150;
  const LATE_MS = 250; // plotly's large bundle may arrive after this script

  // Plotly's own legend does not fit a phone; this one wraps.
  const GLYPHS = {
    "circle": "\u25cf", "circle-open": "\u25cb", "square": "\u25a0", "triangle-up": "\u25b2",
    "triangle-left": "\u25c0", "diamond-open": "\u25c7", "star": "\u2605", "x": "\u2716",
    "hexagon": "\u2b22", "cross": "\u271a", "line": "\u2501\u2501",
  };

  function legendItems(figure, coloured) {
    const { build } = viewer.elements;
    return figure.traces.filter((trace) => trace.name && trace.showlegend !== false).map((trace) => {
      const { symbol, color } = trace.marker || { symbol: "line", color: trace.line.color };
      const glyph = build("span", { class: "sv-glyph", "aria-hidden": "true" }, GLYPHS[symbol]);
      glyph.style.color = coloured(color);
      return build("li", {}, glyph, trace.name);
    });
  }

  function plotParts([name, title, caption]) {
    const { build } = viewer.elements;
    const plot = build("div", { class: "sv-plot", role: "img", "aria-label": title,
      "data-testid": "plot-" + name });
    const waiting = build("p", { class: "sv-waiting" });
    const key = build("ul", { class: "sv-key" });
    const panel = build("section", { class: "sv-panel", "data-plot": name, "aria-label": title },
      build("h3", {}, title), build("div", { class: "sv-plot-frame" }, plot, waiting),
      key, build("p", { class: "sv-caption" }, caption));
    return { name, title, panel, plot, waiting, key, shown: "" };
  }

  // A figure at a moment, as plotly takes it; our own legend stands below it.
  function figureAt(name, data, points, coloured) {
    const { series, legend_room: room } = data.figures;
    const figure = viewer.fill(data.figures[name], points, series, coloured, data.points);
    Object.assign(figure.layout, { showlegend: false, height: figure.layout.height - room });
    figure.layout.margin.b -= room;
    return figure;
  }

  // `current` gives what to show: {data, id, moment, state}.
  function createPlots(root, current) {
    const { setText } = viewer.elements;
    const plots = viewer.words.PLOTS.map(plotParts);
    const stale = [];
    let requestedAt = 0;
    let drawnAt = 0;
    let costMs = 0;
    let isWaiting = false;

    function draw(plot) {
      const { data, id, moment, state } = current();
      const isReady = Boolean(data.figures && window.Plotly);
      setText(plot.waiting, isReady ? "" : viewer.words.WAITING[state]);
      const words = viewer.run.textAt(data.texts["alt." + plot.name], moment);
      plot.plot.setAttribute("aria-label", plot.title + ". " + words);
      if (!isReady) {
        if (plot.plot.data) window.Plotly.purge(plot.plot);
        plot.key.replaceChildren();
        plot.shown = "";
        if (data.figures) setTimeout(request, LATE_MS);
        return;
      }
      const points = viewer.run.pointsAt(data, moment);
      const coloured = viewer.filling.colourer(root);
      const shown = [id, coloured("@ink"), ...Object.keys(data.points).sort().map((name) =>
        points[name].length + "/" + data.points[name].length)].join();
      if (shown === plot.shown) return;
      plot.shown = shown;
      const { data: traces, layout } = figureAt(plot.name, data, points, coloured);
      layout.uirevision = id;
      plot.key.replaceChildren(...legendItems(data.figures[plot.name], coloured));
      window.Plotly.react(plot.plot, traces, layout, { displaylogo: false, responsive: true });
      plot.plot.dispatchEvent(new CustomEvent("sv-drawn", { bubbles: true }));
    }

    function takeTurn() {
      isWaiting = false;
      const start = performance.now();
      const isAtRest = start - requestedAt > REST_MS;
      if (isAtRest || start - drawnAt > Math.max(INTERVAL_MS, SHARE * costMs)) {
        draw(stale.shift());
        drawnAt = performance.now();
        costMs = drawnAt - start;
      }
      wait();
    }

    function wait() {
      if (isWaiting || !stale.length) return;
      isWaiting = true;
      requestAnimationFrame(takeTurn);
    }

    function request() {
      requestedAt = performance.now();
      for (const plot of plots) if (!stale.includes(plot)) stale.push(plot);
      wait();
    }

    return { panels: plots.map((plot) => plot.panel), request };
  }

  viewer.plots = { createPlots, figureAt };
})();

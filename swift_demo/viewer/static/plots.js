// The plots, drawn by Plotly.react: one at a time, only where somebody looks, only if their points changed.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  // While a run grows or one scrubs, drawing takes at most about a ninth of the time; at rest all is drawn at once.
  const INTERVAL_MS = 80;
  const SHARE = 8;
  const REST_MS = 150;
  const BUSY = ["loading", "running"]; // nothing rests then
  const LATE_MS = 250; // plotly's large bundle may arrive after this script
  const FONT_SIZE = 14; // of the figures as Python describes them
  const CONFIG = { displaylogo: false, responsive: true,
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]] };

  // A figure at a moment, as plotly takes it; our own legend stands below it.
  function figureAt(name, data, points, coloured) {
    const { series, legend_room: room } = data.figures;
    const figure = viewer.fill(data.figures[name], points, series, coloured, data.points);
    Object.assign(figure.layout, { showlegend: false, height: figure.layout.height - room });
    figure.layout.margin.b -= room;
    return figure;
  }

  // All that is measured in pixels, larger; `parent` is the name that the value stands under.
  function enlarged(value, factor, parent = "") {
    if (Array.isArray(value)) return value.map((item) => enlarged(item, factor, parent));
    if (value === null || typeof value !== "object") return value;
    const isLarger = (key) => ["size", "standoff", "yshift"].includes(key) || parent === "margin" ||
      (key === "width" && parent === "line");
    return Object.fromEntries(Object.entries(value).map(([key, item]) =>
      [key, typeof item === "number" && isLarger(key) ? item * factor : enlarged(item, factor, key)]));
  }

  const seriesOf = ({ traces, repeats = [] }) =>
    [...new Set([...traces, ...repeats].filter(({ bind }) => bind).map(({ bind }) => bind.series))];

  // `current` gives what to show: {data, id, moment, shown}.
  function createPlots(root, current) {
    const { setText } = viewer.elements;
    const { plotParts, legendItems, saveImage, createStage } = viewer.panels;
    const acts = {
      expand: (plot) => (stage.isOpen() ? stage.close() : expand(plot)),
      image: (plot, format) => save(plot, format),
    };
    const plots = viewer.words.PLOTS.map((words) => plotParts(words, (name, ...given) => acts[name](...given)));
    const stage = createStage(root, onStage);
    const stale = new Set();
    let onStageNow = null;
    let requestedAt = 0;
    let drawnAt = 0;
    let costMs = 0;
    let isWaiting = false;

    function draw(plot) {
      const { data, id, moment, shown: state } = current();
      const isReady = Boolean(data.figures && window.Plotly);
      setText(plot.waiting, isReady ? "" : viewer.words.WAITING[state]);
      const words = viewer.run.textAt(data.texts["alt." + plot.name], moment);
      plot.plot.setAttribute("aria-label", plot.title + ". " + words);
      for (const button of plot.images) button.disabled = !isReady;
      if (!isReady) {
        if (plot.plot.data) window.Plotly.purge(plot.plot);
        plot.key.replaceChildren();
        plot.shown = "";
        if (data.figures) setTimeout(request, LATE_MS);
        return;
      }
      const figure = data.figures[plot.name];
      const coloured = viewer.filling.colourer(root);
      const size = parseFloat(getComputedStyle(plot.panel).fontSize);
      const shown = [id, coloured("@ink"), size, ...seriesOf(figure).map((name) =>
        viewer.run.rowsBefore(data.points[name], moment) + "/" + (data.points[name] || []).length)].join();
      if (shown === plot.shown) return;
      plot.shown = shown;
      const drawn = figureAt(plot.name, data, viewer.run.pointsAt(data, moment), coloured);
      const { data: traces, layout } = size > FONT_SIZE ? enlarged(drawn, size / FONT_SIZE) : drawn;
      layout.uirevision = id;
      if (plot === onStageNow) layout.height = plot.plot.clientHeight;
      plot.key.replaceChildren(...legendItems(figure, coloured));
      window.Plotly.react(plot.plot, traces, layout, CONFIG);
      plot.plot.dispatchEvent(new CustomEvent("sv-drawn", { bubbles: true }));
    }

    function save(plot, format) {
      const { data, moment } = current();
      const coloured = viewer.filling.colourer(root);
      const { series } = data.figures;
      const figure = viewer.fill(data.figures[plot.name], viewer.run.pointsAt(data, moment), series, coloured,
        data.points);
      return saveImage(plot, figure, data.run.label, coloured("@paper"), format);
    }

    async function expand(plot) {
      onStageNow = plot;
      await stage.show([plot.panel, root.querySelector(".sv-timeline")]);
    }

    // Plotly takes a plot's new size only when it draws it anew.
    function onStage(isOpen) {
      const plot = onStageNow;
      if (!isOpen) onStageNow = null;
      plot.expand.setAttribute("aria-pressed", String(isOpen));
      if (plot.plot.data) window.Plotly.purge(plot.plot);
      plot.shown = "";
      draw(plot);
      if (!isOpen) plot.expand.focus({ preventScroll: true });
    }

    // Where somebody looks first; the rest only while nothing moves.
    function next(isAtRest) {
      const isSeen = (plot) => (onStageNow ? plot === onStageNow : plot.isInSight);
      return [...stale].find(isSeen) || (isAtRest ? [...stale][0] : null);
    }

    function takeTurn() {
      isWaiting = false;
      const start = performance.now();
      const isAtRest = !BUSY.includes(current().shown) && start - requestedAt > REST_MS;
      const plot = next(isAtRest);
      const dueAt = () => drawnAt + Math.max(INTERVAL_MS, SHARE * costMs);
      if (plot && (isAtRest || start > dueAt())) {
        stale.delete(plot);
        draw(plot);
        drawnAt = performance.now();
        costMs = drawnAt - start;
      }
      wait(plot ? Math.min(REST_MS, isAtRest ? 0 : dueAt() - performance.now()) : REST_MS);
    }

    // Sleeping costs less than asking in every frame: the page's frames are paid by those who decode.
    function wait(ms = 0) {
      if (isWaiting || !stale.size) return;
      isWaiting = true;
      if (ms > 0) setTimeout(takeTurn, ms);
      else requestAnimationFrame(takeTurn);
    }

    function request() {
      requestedAt = performance.now();
      plots.forEach((plot) => stale.add(plot));
      wait();
    }

    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        plots.find(({ panel }) => panel === target).isInSight = isIntersecting;
      }
      wait();
    });
    plots.forEach(({ panel }) => observer.observe(panel));
    return { panels: plots.map((plot) => plot.panel), request };
  }

  viewer.plots = { createPlots, figureAt };
})();

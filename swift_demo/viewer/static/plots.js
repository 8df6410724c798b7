// The plots, drawn by Plotly.react: one at a time, those on screen first, only if their points changed.
import { setText } from "./elements.js";
import { colourer, fill, tablesOf } from "./filling.js";
import { createPanel, createStage, legendItems, saveImage } from "./panels.js";
import { plotlyNow, whenPlotly } from "./plotly.js";
import { isUnderWay, newest, rowsBefore, rowsOf, tablesAt } from "./run.js";
import { PLOTS, PLOT_WAITING } from "./words.js";

// During a run or while scrubbing, drawing takes at most about a ninth of the time; at rest everything is
// drawn.
const PLOT_INTERVAL_MS = 80;
const SHARE = 8;
const REST_MS = 150;
const FONT_SIZE = 14; // of the figures as Python describes them
// No mode bar over the points, where it would stay for good on a phone: drag to zoom in, and our own button
// zooms out.
const CONFIG = { displayModeBar: false };
const touch = () => window.matchMedia("(pointer: coarse)").matches;

// A figure at a moment, as plotly takes it.
function figureAt(name, data, moment, coloured) {
  const figure = data.figures[name];
  return fill(figure, tablesAt(data, tablesOf(figure), moment), coloured, data.tables);
}

// The same without room for plotly's legend, as our own stands below the plot, and with no margin but ours.
function withoutLegend({ data, layout }, room) {
  const { margin, height } = layout;
  return { data, layout: { ...layout, showlegend: false, height: height - room,
    margin: { ...margin, b: margin.b - room, autoexpand: false } } };
}

// Everything measured in pixels, enlarged; `parent` is the name of the value's parent.
function enlarged(value, factor, parent = "") {
  if (Array.isArray(value)) return value.map((item) => enlarged(item, factor, parent));
  if (value === null || typeof value !== "object") return value;
  const isLarger = (key) => ["size", "standoff", "yshift"].includes(key) || parent === "margin" ||
    (key === "width" && parent === "line");
  return Object.fromEntries(Object.entries(value).map(([key, item]) =>
    [key, typeof item === "number" && isLarger(key) ? item * factor : enlarged(item, factor, key)]));
}

// `current` returns what to show: {data, id, moment, shown}.
export function createPlots(root, current) {
  const plots = PLOTS.map((words) => createPanel(words, {
    onImage: save,
    onExpand: (plot) => (stage.isOpen() ? stage.close() : expand(plot)),
    onWhole: showWhole,
  }));
  const stage = createStage(root, onStage);
  const stale = new Set();
  let onStageNow = null;
  let requestedAt = 0;
  let drawnAt = 0;
  let costMs = 0;
  let isWaiting = false;

  function draw(plot) {
    const { data, moment, shown: state } = current();
    const isReady = Boolean(data.figures && plotlyNow());
    const spoken = newest(data, "spoken." + plot.name, moment);
    setText(plot.waiting, isReady ? "" : PLOT_WAITING[state]);
    plot.element.setAttribute("aria-label", `${plot.title}. ${spoken ? spoken.text : ""}`);
    for (const button of plot.images) button.disabled = !isReady;
    if (isReady) drawFigure(plot);
    else drawNothing(plot);
  }

  function drawNothing(plot) {
    if (plot.element.data) plotlyNow().purge(plot.element);
    plot.key.replaceChildren();
    plot.shown = "";
  }

  function drawFigure(plot) {
    const { data, id, moment } = current();
    const figure = data.figures[plot.name];
    const coloured = colourer(root);
    const size = parseFloat(getComputedStyle(plot.panel).fontSize);
    const counts = tablesOf(figure).map((table) => rowsOf(data, table))
      .map((rows) => rowsBefore(rows, moment) + "/" + rows.length);
    const width = plot.element.clientWidth;
    const height = plot === onStageNow ? plot.element.clientHeight : null;
    const shown = [id, coloured("@ink"), size, width, height, plot.numResets, ...counts].join();
    if (!width || shown === plot.shown) return; // hidden; it is asked again when it gets a width
    plot.shown = shown;
    const filled = withoutLegend(figureAt(plot.name, data, moment, coloured), data.legendRoom);
    const { data: traces, layout } = size > FONT_SIZE ? enlarged(filled, size / FONT_SIZE) : filled;
    Object.assign(layout, { width, height: height ?? layout.height, uirevision: `${id}/${plot.numResets}` });
    if (touch()) layout.dragmode = false; // a finger scrolls the page
    plot.key.replaceChildren(...legendItems(figure, coloured));
    plotlyNow().react(plot.element, traces, layout, CONFIG);
    listen(plot);
    plot.element.dispatchEvent(new CustomEvent("sv-drawn", { bubbles: true }));
  }

  // Plotly gives a plot that was purged and drawn again new listeners.
  function listen(plot) {
    const { on } = plot.element;
    if (plot.on === on) return;
    plot.on = on;
    plot.element.on("plotly_relayout", (change) => {
      if (Object.keys(change).some((key) => /range\[0\]$/.test(key))) plot.whole.hidden = false;
    });
    plot.element.on("plotly_doubleclick", () => showWhole(plot));
  }

  // Zooms out again.
  function showWhole(plot) {
    plot.numResets += 1;
    plot.whole.hidden = true;
    stale.add(plot);
    wait();
  }

  function save(plot, format) {
    const { data, moment } = current();
    const coloured = colourer(root);
    const figure = figureAt(plot.name, data, moment, coloured);
    saveImage(plot, figure, data.run.label, coloured("@paper"), format);
  }

  async function expand(plot) {
    onStageNow = plot;
    await stage.show([plot.panel, root.querySelector(".sv-timeline")]);
  }

  function onStage(isOpen) {
    const plot = onStageNow;
    if (!isOpen) onStageNow = null;
    plot.expand.setAttribute("aria-pressed", String(isOpen));
    draw(plot);
    if (!isOpen) plot.expand.focus({ preventScroll: true });
  }

  // What is on screen first; the rest only while nothing moves.
  function next(isAtRest) {
    const isSeen = (plot) => (onStageNow ? plot === onStageNow : plot.isInSight);
    return [...stale].find(isSeen) || (isAtRest ? [...stale][0] : null);
  }

  function takeTurn() {
    isWaiting = false;
    const start = performance.now();
    const isAtRest = !isUnderWay(current().shown) && start - requestedAt > REST_MS;
    const plot = next(isAtRest);
    const dueAt = () => drawnAt + Math.max(PLOT_INTERVAL_MS, SHARE * costMs);
    if (plot && (isAtRest || start > dueAt())) {
      stale.delete(plot);
      draw(plot);
      drawnAt = performance.now();
      costMs = drawnAt - start;
    }
    wait(plot ? Math.min(REST_MS, isAtRest ? 0 : dueAt() - performance.now()) : REST_MS);
  }

  // Sleeping costs less than asking in every frame: frames take time from the decoders.
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
  // A plot is as wide as its place, whatever changes that.
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) stale.add(plots.find(({ element }) => element === target));
    wait();
  });
  for (const { panel, element } of plots) {
    observer.observe(panel);
    sizes.observe(element);
  }
  whenPlotly(request);
  return { panels: plots.map(({ panel }) => panel), request };
}

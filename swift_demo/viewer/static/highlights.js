// The selection in the plots: rings and frames over what plotly drew, and plotly's points back to selections.
import { buildSvg } from "./elements.js";
import { draftSelection, isSameSkipSet, meant } from "./meaning.js";
import { isInside, pixelsAcross, pixelsDown } from "./pixels.js";
import { newest, rowsAt } from "./run.js";

const RING = 8;
const PICKED_RING = 12;
const LEAST_ROW = 4; // pixels, so that a row stays visible among a thousand

function ring(layout, x, y, isPicked) {
  const { xaxis, yaxis } = layout;
  if (!isInside(xaxis, x) || !isInside(yaxis, y)) return [];
  return [buildSvg("circle", { cx: pixelsAcross(layout, xaxis, x), cy: pixelsDown(layout, yaxis, y),
    r: isPicked ? PICKED_RING : RING, class: isPicked ? "sv-lit sv-lit-picked" : "sv-lit" })];
}

function rowFrame(layout, yaxis, trial, numLayers) {
  if (!isInside(yaxis, trial)) return [];
  const [left, right] = [-0.5, numLayers - 0.5].map((layer) => pixelsAcross(layout, layout.xaxis, layer));
  const [middle, edge] = [trial, trial + 0.5].map((value) => pixelsDown(layout, yaxis, value));
  const height = Math.max(LEAST_ROW, 2 * Math.abs(edge - middle));
  return [
    buildSvg("rect", { x: left, y: middle - height / 2, width: right - left, height, class: "sv-lit" }),
    buildSvg("path", { d: `M${left - 2} ${middle}l-9 -6v12z`, class: "sv-lit-arrow" }),
  ];
}

const trialsWith = (skipSet, data, moment) =>
  (skipSet ? rowsAt(data, "trials", moment).filter((row) => isSameSkipSet(row, skipSet)) : []);

// For each plot with a selection: its marks, and the trial of a point where its points have one.
const LINKED_PLOTS = {
  confidence: {
    marks: ({ data, moment, layout, chosen, rounds }) => rowsAt(data, "drafts", moment)
      .filter(({ round }) => rounds.has(round))
      .flatMap(({ number, confidence, round, node }) =>
        ring(layout, number, confidence, round === chosen.round && node === chosen.node)),
  },
  matchness: {
    marks: ({ data, moment, layout, chosen, skipSet }) => trialsWith(skipSet, data, moment)
      .flatMap(({ trial, matchness }) => ring(layout, trial, matchness, trial === chosen.trial)),
    trialOf: ({ x }) => x,
  },
  heatmap: {
    marks: ({ data, moment, layout, skipSet }) => trialsWith(skipSet, data, moment)
      .flatMap(({ trial }) => [layout.yaxis2, layout.yaxis3]
        .flatMap((axis) => rowFrame(layout, axis, trial, data.run.num_layers))),
    trialOf: ({ y }) => y,
  },
};

// The event "sv-drawn" says that plotly has drawn a plot; `current` and `selection` as in viewer.js.
export function createHighlights(root, current, selection) {
  const listened = new WeakMap();

  // What a point selects is in its trace's `meta.selects`; lines, and shares of all trials, select nothing.
  function act(name, point, onToken, onTrial) {
    if (!point) return;
    const { data, moment } = current();
    const { selects } = point.data.meta || {};
    if (selects === "token") {
      const draft = draftSelection(data, point.x);
      if (draft) onToken(draft);
    } else if (selects === "trial") onTrial(LINKED_PLOTS[name].trialOf(point));
    else if (selects === "incumbent") onTrial(newest(data, "skip_sets", moment)?.trial);
  }

  function listen(name, plot) {
    // Plotly gives a plot that was purged and drawn again new listeners.
    if (!plot.on || listened.get(plot) === plot.on) return;
    listened.set(plot, plot.on);
    plot.on("plotly_hover", ({ points }) => act(name, points[0], selection.point, selection.pointTrial));
    plot.on("plotly_unhover", () => selection.point(null));
    plot.on("plotly_click", ({ points }) => act(name, points[0], selection.toggle, selection.toggleTrial));
    plot.on("plotly_afterplot", () => drawPlot(name, plot));
  }

  function overlayOf(plot) {
    const frame = plot.parentNode;
    return frame.querySelector(":scope > .sv-overlay") ||
      frame.appendChild(buildSvg("svg", { class: "sv-overlay", "aria-hidden": "true" }));
  }

  function drawPlot(name, plot) {
    const { data, moment } = current();
    const chosen = selection.now();
    const { layout } = plot;
    overlayOf(plot).replaceChildren(...(chosen && layout
      ? LINKED_PLOTS[name].marks({ data, moment, layout, chosen, ...meant(data, chosen) }) : []));
  }

  function eachPlot(work) {
    for (const name of Object.keys(LINKED_PLOTS)) {
      const plot = root.querySelector(`[data-plot="${name}"] .sv-plot`);
      if (plot) work(name, plot);
    }
  }

  root.addEventListener("sv-drawn", () => eachPlot(listen));
  return { draw: () => eachPlot(drawPlot) };
}

// The selection in the plots: rings and frames over what plotly drew, and plotly's points back to selections.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  const SVG = "http://www.w3.org/2000/svg";
  const RING = 8;
  const PICKED_RING = 12;
  const LEAST_ROW = 4; // pixels, so that a row stays visible among a thousand

  function shape(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  const pixel = (axis, value) => axis._offset + axis.l2p(value);
  const isInside = (axis, value) => axis.l2p(value) >= 0 && axis.l2p(value) <= axis._length;

  function ring(layout, x, y, isPicked) {
    const { xaxis, yaxis } = layout;
    if (!isInside(xaxis, x) || !isInside(yaxis, y)) return [];
    return [shape("circle", { cx: pixel(xaxis, x), cy: pixel(yaxis, y), r: isPicked ? PICKED_RING : RING,
      class: isPicked ? "sv-lit sv-lit-picked" : "sv-lit" })];
  }

  function rowFrame(layout, yaxis, trial, numLayers) {
    if (!isInside(yaxis, trial)) return [];
    const { xaxis } = layout;
    const [left, right] = [pixel(xaxis, -0.5), pixel(xaxis, numLayers - 0.5)];
    const height = Math.max(LEAST_ROW, Math.abs(yaxis.l2p(trial + 0.5) - yaxis.l2p(trial - 0.5)));
    const middle = pixel(yaxis, trial);
    return [
      shape("rect", { x: left, y: middle - height / 2, width: right - left, height, class: "sv-lit" }),
      shape("path", { d: `M${left - 2} ${middle}l-9 -6v12z`, class: "sv-lit-arrow" }),
    ];
  }

  // The rows of a series as objects by column.
  function records(data, points, series) {
    const columns = data.figures.series[series];
    return (points[series] || []).map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  }

  // For each plot: what lights up in it, and what a point of it selects.
  const LINKS = {
    confidence: {
      marks: (data, points, layout, selection, { rounds }) => records(data, points, "drafts")
        .filter((draft) => rounds.has(draft.round))
        .flatMap((draft) => ring(layout, draft.number, draft.confidence,
          draft.round === selection.round && draft.node === selection.node)),
      act: (data, point, onToken) => {
        const draft = records(data, data.points, "drafts").find(({ number }) => number === point.x);
        if (draft && point.data.name !== "threshold") {
          onToken({ round: draft.round, node: draft.node, trial: null });
        }
      },
    },
    matchness: {
      marks: (data, points, layout, selection, { bits }) => records(data, points, "trials")
        .filter((trial) => trial.bits === bits)
        .flatMap((trial) => ring(layout, trial.trial, trial.matchness, trial.trial === selection.trial)),
      act: (data, point, onToken, onTrial) => onTrial(point.x),
    },
    heatmap: {
      marks: (data, points, layout, selection, { bits }) => records(data, points, "trials")
        .filter((trial) => trial.bits === bits)
        .flatMap((trial) => [layout.yaxis2, layout.yaxis3]
          .flatMap((axis) => rowFrame(layout, axis, trial.trial, data.run.num_layers))),
      act: (data, point, onToken, onTrial) => {
        if (point.fullData.type === "bar") return; // a share of all trials, not one of them
        const isStrip = point.fullData.yaxis === "y";
        const sets = records(data, viewer.run.pointsAt(data, Infinity), "skip_sets");
        onTrial(isStrip ? sets[sets.length - 1].trial : point.y);
      },
    },
  };

  // Plots tell by "sv-drawn" that plotly has drawn them; `current` and `selection` as in viewer.js.
  function createHighlights(root, current, selection) {
    const listened = new WeakMap();

    function listen(name, plot) {
      // Plotly gives a plot that was purged and drawn again new listeners.
      if (!plot.on || listened.get(plot) === plot.on) return;
      listened.set(plot, plot.on);
      const act = (event, onToken, onTrial) => {
        const { data } = current();
        if (event.points.length && data.figures) LINKS[name].act(data, event.points[0], onToken, onTrial);
      };
      plot.on("plotly_hover", (event) => act(event, selection.point, selection.pointTrial));
      plot.on("plotly_unhover", () => selection.point(null));
      plot.on("plotly_click", (event) => act(event, selection.toggle, selection.toggleTrial));
      plot.on("plotly_afterplot", () => drawPlot(name, plot));
    }

    function overlayOf(plot) {
      const frame = plot.parentNode;
      return frame.querySelector(":scope > .sv-overlay") ||
        frame.appendChild(shape("svg", { class: "sv-overlay", "aria-hidden": "true" }));
    }

    function drawPlot(name, plot) {
      const { data, moment } = current();
      const chosen = selection.now();
      const layout = plot._fullLayout;
      const overlay = overlayOf(plot);
      if (!chosen || !data.figures || !layout || !layout.xaxis || !layout.xaxis.l2p) {
        overlay.replaceChildren();
        return;
      }
      overlay.replaceChildren(...LINKS[name].marks(data, viewer.run.pointsAt(data, moment), layout, chosen,
        viewer.selection.meant(data, chosen)));
    }

    function eachPlot(act) {
      for (const name of Object.keys(LINKS)) {
        const plot = root.querySelector(`[data-plot="${name}"] .sv-plot`);
        if (plot) act(name, plot);
      }
    }

    root.addEventListener("sv-drawn", () => eachPlot(listen));
    return { draw: () => eachPlot(drawPlot) };
  }

  viewer.highlights = { createHighlights };
})();

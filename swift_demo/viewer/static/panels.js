// A plot's panel: title, picture, key, caption; can be saved as an image or fill the screen.
import { build } from "./elements.js";

const IMAGE_WIDTH = 1200;
const IMAGE_TITLE = 48;

// Plotly's own legend does not fit a phone; this one wraps.
const GLYPHS = {
  "circle": "\u25cf", "circle-open": "\u25cb", "square": "\u25a0", "triangle-up": "\u25b2",
  "triangle-left": "\u25c0", "diamond-open": "\u25c7", "star": "\u2605", "diamond": "\u25c6", "x": "\u2716",
  "hexagon": "\u2b22", "cross": "\u271a",
  "solid": "\u2501\u2501", "dash": "\u2578\u2578\u2578", "dot": "\u00b7\u00b7\u00b7\u00b7",
  "pattern /": "\u25a8", "pattern x": "\u25a9",
};

function glyphOf({ marker, line, fillcolor, fillpattern }) {
  const pattern = marker && marker.pattern && marker.pattern.shape;
  if (pattern) return { kind: "pattern " + pattern, colour: marker.color };
  if (marker) return { kind: marker.symbol || "square", colour: marker.color };
  if (fillpattern) return { kind: "pattern " + fillpattern.shape, colour: fillpattern.fgcolor };
  if (fillcolor) return { kind: "square", colour: fillcolor };
  return { kind: line.dash || "solid", colour: line.color };
}

export function legendItems(figure, coloured) {
  return figure.traces.filter((trace) => trace.name && trace.showlegend !== false).map((trace) => {
    const { kind, colour } = glyphOf(trace);
    const glyph = build("span", { class: "sv-glyph", "aria-hidden": "true" }, GLYPHS[kind]);
    glyph.style.color = coloured(colour);
    return build("li", {}, glyph, trace.name);
  });
}

// The panel of a plot of `PLOTS`; plotly draws into its `element`. Its buttons call `onImage(plot, format)`,
// `onExpand(plot)` and, when zoomed in, `onWhole(plot)`.
export function createPanel({ name, title, caption }, { onImage, onExpand, onWhole }) {
  const made = { name, title, shown: "", isInSight: false, numResets: 0, on: null };
  const tool = (kind, label, sign, action) => {
    const button = build("button", { type: "button", class: "sv-tool", title: label,
      "aria-label": `${title}: ${label}`, "data-testid": `${kind}-${name}` }, sign);
    button.addEventListener("click", action);
    return button;
  };
  const images = ["png", "svg"].map((format) =>
    tool(format, "save as " + format.toUpperCase(), format.toUpperCase(), () => onImage(made, format)));
  const expand = tool("expand", "full screen", "\u2922", () => onExpand(made));
  const whole = tool("whole", "show the whole plot again", "\u21ba", () => onWhole(made));
  whole.hidden = true;
  const element = build("div", { class: "sv-plot", role: "figure", "aria-label": title,
    "data-testid": "plot-" + name });
  const waiting = build("p", { class: "sv-waiting" });
  const key = build("ul", { class: "sv-key" });
  const panel = build("section", { class: "sv-panel", "data-plot": name, "aria-label": title },
    build("header", { class: "sv-panel-head" }, build("h3", {}, title),
      build("div", { class: "sv-tools" }, whole, ...images, expand)),
    build("div", { class: "sv-plot-frame" }, element, waiting), key,
    build("p", { class: "sv-caption" }, caption));
  return Object.assign(made, { panel, element, waiting, key, images, expand, whole });
}

// Saves a figure, with plotly's own legend and a title, in the colours on screen.
export function saveImage({ name, title }, { data, layout }, label, paper, format) {
  const height = layout.height + IMAGE_TITLE;
  const margin = { ...layout.margin, t: layout.margin.t + IMAGE_TITLE };
  const text = `<b>${title}</b>  ${label}`.replace(/&/g, "&amp;").replace(/<(?!\/?b>)/g, "&lt;");
  return window.Plotly.downloadImage({ data, layout: { ...layout, height, margin, paper_bgcolor: paper,
    width: IMAGE_WIDTH, autosize: false, showlegend: true,
    title: { text, x: 0, xanchor: "left", y: 1, yanchor: "top", yref: "container",
      pad: { l: 16, t: 16 }, font: { size: 18 } } } },
  { format, width: IMAGE_WIDTH, height, scale: format === "png" ? 2 : 1, filename: "swift-" + name });
}

// Shows elements of the viewer over everything else; each leaves an empty place of its size behind.
// `onChange(isOpen)` is called when they have moved.
export function createStage(root, onChange) {
  const stage = build("dialog", { class: "sv-stage", tabindex: "-1", "aria-label": "Full screen",
    "data-testid": "stage" });
  root.append(stage);
  let lent = [];
  let wasFull = false;

  function open(elements) {
    lent = elements.map((element) => {
      const place = build("div", { class: element.className + " sv-lent" });
      Object.assign(place.dataset, element.dataset);
      place.style.height = element.offsetHeight + "px";
      element.replaceWith(place);
      stage.append(element);
      return { element, place };
    });
    stage.showModal();
    stage.focus();
    onChange(true);
  }

  // The browser's own full screen if it is allowed, else the whole window.
  async function show(elements) {
    wasFull = Boolean(document.fullscreenElement);
    if (!wasFull && document.documentElement.requestFullscreen) {
      await document.documentElement.requestFullscreen().catch(() => {});
    }
    if (!stage.open) open(elements);
  }

  stage.addEventListener("close", () => {
    for (const { element, place } of lent) place.replaceWith(element);
    lent = [];
    if (!wasFull && document.fullscreenElement) document.exitFullscreen().catch(() => {});
    onChange(false);
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && stage.open) stage.close();
  });
  return { show, close: () => stage.close(), isOpen: () => stage.open };
}

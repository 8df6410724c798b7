// The parts of one round as the inspector shows them: the draft as a tree, its tokens' alternatives, the cost.
import { build, buildSvg, setText } from "./elements.js";
import { cells } from "./filling.js";
import { NODE_WORDS, NONE, ODDS } from "./words.js";

const COLUMN = 120;
const ROW = 48;
const NODE_WIDTH = 104;
const NODE_HEIGHT = 40;
const TOP = 56; // the confidences are above the tree
const LEFT = 32;
const ROOT_END = 12; // where the edges from the last token of the text begin
const BAR = 32;
const NOT_TAKEN = ["rejected", "unjudged"];
const TARGETS_OWN = ["corrected", "bonus", "plain"];

const probability = (value) => (value === null ? NONE : value.toFixed(2));
const stateWord = (state) => NODE_WORDS[state] || "";
const leftOf = ({ column }) => LEFT + column * COLUMN;
const topOf = ({ row }) => TOP + row * ROW;
const isTaken = ({ state }) => !NOT_TAKEN.includes(state);

// ---- the tree ----

function edge(nodes, node) {
  const parent = nodes[node.parent];
  const start = parent ? { x: leftOf(parent) + NODE_WIDTH, y: topOf(parent) } : { x: ROOT_END, y: TOP };
  const end = { x: leftOf(node), y: topOf(node) };
  const bend = end.x - (end.x - start.x) / 2;
  const half = NODE_HEIGHT / 2;
  return buildSvg("path", { d: `M${start.x} ${start.y + half}H${bend}V${end.y + half}H${end.x}`,
    class: isTaken(node) ? "sv-edge sv-edge-taken" : "sv-edge" });
}

function nodeButton(node, index) {
  const { text, state, confidence, target_prob: targetProb, draft_prob: draftProb } = node;
  const isTargets = TARGETS_OWN.includes(state);
  const odds = (isTargets ? [targetProb] : [draftProb, targetProb]).map(probability).join(" \u2192 ");
  const words = [text.trim(), stateWord(state)];
  if (confidence !== null) words.push("confidence " + probability(confidence));
  if (draftProb !== null) words.push("draft probability " + probability(draftProb));
  words.push("target probability " + probability(targetProb));
  const button = build("button", { type: "button", class: "sv-node", "data-state": state, "data-node": index,
    tabindex: "-1", "aria-label": words.join(", "), title: words.join("\n") },
    build("span", { class: "sv-mark" }, text.trim()), build("small", {}, odds));
  Object.assign(button.style, { left: leftOf(node) + "px", top: topOf(node) + "px" });
  return button;
}

// How sure the draft was of a token of its chain, against the threshold after it.
function confidenceBar(node) {
  const { threshold } = node;
  const bar = build("span", {});
  bar.style.height = BAR * node.confidence + "px";
  const line = build("i", {});
  line.style.bottom = BAR * threshold + "px";
  const holder = build("div", { class: "sv-sureness", "aria-hidden": "true",
    title: `confidence ${probability(node.confidence)}, threshold ${probability(threshold)}` },
    build("span", { class: "sv-sure-bar" }, bar, line), probability(node.confidence));
  holder.toggleAttribute("data-low", node.confidence < threshold);
  holder.style.left = leftOf(node) + "px";
  return holder;
}

export function drawTree(tree, { nodes }) {
  const numColumns = 1 + Math.max(0, ...nodes.map(({ column }) => column));
  const numRows = 1 + Math.max(0, ...nodes.map(({ row }) => row));
  // What was taken is drawn over what was not.
  const inOrder = [...nodes.filter((node) => !isTaken(node)), ...nodes.filter(isTaken)];
  const edges = buildSvg("svg", { width: LEFT + COLUMN * numColumns, height: TOP + ROW * numRows,
    "aria-hidden": "true" }, ...inOrder.map((node) => edge(nodes, node)));
  const chain = nodes.filter(({ threshold }) => threshold !== null);
  tree.replaceChildren(edges, ...chain.map(confidenceBar), ...nodes.map(nodeButton));
  tree.scrollTop = 0;
  tree.scrollLeft = 0;
}

// ---- one place: its likeliest tokens ----

function oddsCell(kind, value) {
  const cell = build("td", { "data-odds": kind }, probability(value));
  cell.style.setProperty("--sv-share", value || 0);
  return cell;
}

export function drawPlace(place, { title, note, candidates }, isGreedy) {
  const kinds = isGreedy ? ["target", "draft"] : ["target", "draft", "residual"];
  setText(place.title, title);
  setText(place.note, note);
  const rows = candidates.map(({ text, state, target_prob: target, draft_prob: draft, residual }) => {
    const odds = { target, draft, residual };
    return build("tr", { "data-state": state },
      build("th", { scope: "row", title: stateWord(state) },
        build("span", { "data-state": state }, build("span", { class: "sv-mark" }, text)),
        build("span", { class: "sv-hidden" }, " " + stateWord(state))),
      ...kinds.map((kind) => oddsCell(kind, odds[kind])));
  });
  place.table.replaceChildren(
    build("thead", {}, build("tr", {}, build("th", { scope: "col" }, "token"),
      ...kinds.map((kind) => build("th", { scope: "col", title: ODDS[kind] }, kind)))),
    build("tbody", {}, ...rows));
  place.frame.scrollTop = 0;
}

// ---- what the round cost, and what it skipped ----

export function drawCost({ bar, words }, spent) {
  const whole = spent.reduce((sum, { ms }) => sum + ms, 0) || 1;
  const textOf = ({ part, ms }) => `${part} ${ms.toFixed(1)} ms`;
  bar.replaceChildren(...spent.map((share) => {
    const element = build("span", { "data-part": share.part, title: textOf(share) });
    element.style.width = (100 * share.ms) / whole + "%";
    return element;
  }));
  words.replaceChildren(...spent.map((share) => build("span", { "data-part": share.part }, textOf(share))));
}

export function drawStrip(strip, { attention, mlp, skips }) {
  strip.setAttribute("aria-label", skips);
  strip.title = skips;
  strip.replaceChildren(...[attention, mlp].map((bits) =>
    build("div", {}, ...cells(bits).map((cell) => build("span", { "data-cell": cell })))));
}

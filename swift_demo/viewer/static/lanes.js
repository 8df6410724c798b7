// The two lanes: each token is a span, set by textContent; a step changes only what differs.
import { build, setText } from "./elements.js";
import { tokenFacts } from "./meaning.js";
import { newest, rowsBefore, rowsOf } from "./run.js";
import { BEFORE_FIRST_TOKEN, LANE_WAITING, NONE } from "./words.js";

// The browser lays out a paragraph again with every token that joins it, so a long text becomes several: a
// paragraph of at least this many tokens ends with its next line.
const PARAGRAPH_TOKENS = 60;
const NEAR_THE_END = 32; // pixels
const LONGEST_NUMBER = 7; // what is longer is words, which get two lines

function tokenSpan(row) {
  const { text, state, round } = row;
  // A rejected line break must not break the line: it was never in the text.
  const shown = state === "rejected" ? text.replace(/\n/g, "\u21b5") : text;
  return styledToken(state, shown, { "data-round": round, title: tokenFacts(row, 3).join("\n") });
}

// The mark leaves out the space around the word: at a line's end it would dangle.
export function styledToken(state, text, attributes) {
  const { before, word, after } = /^(?<before>\s*)(?<word>[^]*?)(?<after>\s*)$/.exec(text).groups;
  return build("span", { class: "sv-token", "data-state": state, ...attributes },
    before, build("span", { class: "sv-mark" }, word), after);
}

// A lane of `LANES` with its elements.
export function createLane({ name, title, subtitle, figures }) {
  const text = build("div", { class: "sv-text", tabindex: "0", role: "region",
    "aria-label": title + " text", "data-testid": "lane-" + name });
  const waiting = build("p", { class: "sv-waiting" });
  const status = build("span", { class: "sv-status" });
  const cells = {};
  const list = build("dl", { class: "sv-figures" });
  for (const { key, label, explanation } of figures) {
    cells[key] = build("dd", { "data-key": name + "." + key }, NONE);
    list.append(build("div", { title: explanation }, build("dt", {}, label), cells[key]));
  }
  const panel = build("section", { class: "sv-lane", "data-lane": name, "aria-label": title + " lane" },
    build("header", { class: "sv-lane-head" }, build("h3", { title: subtitle }, title), status),
    build("div", { class: "sv-text-frame" }, text, waiting), list);
  const lane = { name, panel, text, waiting, status, cells, spans: [], paragraphs: [], numDrawn: 0,
    isAtEnd: true, hasChanged: false };
  text.addEventListener("scroll", () => {
    lane.isAtEnd = text.scrollHeight - text.scrollTop - text.clientHeight < NEAR_THE_END;
  }, { passive: true });
  return lane;
}

// Spans are built once; a step back removes the last ones, a step forward puts them back.
function drawTokens(lane, rows, count) {
  if (lane.numDrawn === count) return;
  lane.hasChanged = true;
  if (count < lane.numDrawn) takeOut(lane, count);
  else putIn(lane, rows, count);
  lane.numDrawn = count;
}

function takeOut({ paragraphs }, count) {
  while (paragraphs.length && paragraphs.at(-1).first >= count) paragraphs.pop().element.remove();
  if (!paragraphs.length) return;
  const { element, first } = paragraphs.at(-1);
  if (element.childNodes.length <= count - first) return;
  const range = document.createRange();
  range.setStartBefore(element.childNodes[count - first]);
  range.setEndAfter(element.lastChild);
  range.deleteContents();
}

function putIn({ text, spans, paragraphs, numDrawn }, rows, count) {
  const isOver = (i, { first }) =>
    i - first >= PARAGRAPH_TOKENS && rows[i].state !== "rejected" && rows[i].text.endsWith("\n");
  const added = document.createDocumentFragment();
  for (let i = numDrawn; i < count; i += 1) {
    const last = paragraphs.at(-1);
    if (!last || isOver(i - 1, last)) {
      if (last) last.element.append(added);
      const element = build("div", {});
      paragraphs.push({ element, first: i });
      text.append(element);
    }
    spans[i] = spans[i] || tokenSpan(rows[i]);
    added.append(spans[i]);
  }
  paragraphs.at(-1).element.append(added);
}

// A reader at the end of a text, or moving along the run, stays at the end. This needs the layout, so it comes
// last.
export function keepAtEnd(lanes, { isFollowing }) {
  for (const lane of lanes) {
    if (lane.hasChanged && (lane.isAtEnd || !isFollowing)) lane.text.scrollTop = lane.text.scrollHeight;
    lane.hasChanged = false;
  }
}

export function drawLane(lane, data, { moment, shown, isFollowing }) {
  const rows = rowsOf(data, "tokens." + lane.name);
  const count = rowsBefore(rows, moment);
  drawTokens(lane, rows, count);
  setText(lane.waiting, count ? "" : rows.length ? BEFORE_FIRST_TOKEN : LANE_WAITING[shown]);
  const status = newest(data, "status." + lane.name, moment);
  setText(lane.status, status ? status.text : "");
  const isFinished = Boolean(status) && status.stage === "finished";
  lane.panel.toggleAttribute("data-working", shown === "running" && isFollowing && !isFinished);
  const numbers = newest(data, "numbers." + lane.name, moment) || {};
  for (const [key, cell] of Object.entries(lane.cells)) {
    const text = numbers[key] || NONE;
    setText(cell, text);
    cell.toggleAttribute("data-words", text.length > LONGEST_NUMBER);
  }
}

export function clearLane(lane) {
  Object.assign(lane, { spans: [], paragraphs: [], numDrawn: 0 });
  lane.text.replaceChildren();
}

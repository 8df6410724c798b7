// What is pointed at or locked: a token, a round or a trial. Tokens light up here, plots in highlights.js.
import { isSameSelection, litTokens, tokenSelection, tokenWords, trialSelection } from "./meaning.js";
import { rowsOf } from "./run.js";

// Where the arrow keys go in a lane: the direction, and whether past the round.
const LANE_STEPS = {
  ArrowLeft: { side: -1, isRound: false }, ArrowRight: { side: 1, isRound: false },
  ArrowUp: { side: -1, isRound: true }, ArrowDown: { side: 1, isRound: true },
};
const FOCUSED_TOKEN = ["tabindex", "role", "aria-pressed", "aria-label"];

// `current` as in viewer.js; `onChange` is called when the selection changes.
export function createSelection(root, lanes, current, onChange) {
  let pointed = null;
  let locked = null;
  let lit = [];

  const now = () => locked || pointed;

  function point(selection) {
    if (isSameSelection(pointed, selection)) return;
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

  const toggle = (selection) => (locked && isSameSelection(locked, selection) ? free() : lock(selection));

  function clear() {
    pointed = null;
    locked = null;
  }

  function press(span, isPressed) {
    if (span.hasAttribute("aria-pressed")) span.setAttribute("aria-pressed", String(isPressed));
  }

  function draw() {
    for (const span of lit) {
      span.classList.remove("sv-same", "sv-picked");
      press(span, false);
    }
    lit = [];
    root.dataset.selection = locked ? "locked" : pointed ? "pointed" : "none";
    if (!now()) return;
    const tokens = litTokens(current().data, now());
    for (const { name, spans } of lanes) {
      for (const span of tokens[name].same.map((index) => spans[index]).filter(Boolean)) {
        span.classList.add("sv-same");
        lit.push(span);
      }
      for (const span of tokens[name].picked.map((index) => spans[index]).filter(Boolean)) {
        span.classList.add("sv-picked");
        press(span, Boolean(locked));
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

// Only one token of a lane is a tab stop: thousands would help nobody.
function listenToLane(lane, selection, current) {
  const { name, text } = lane;
  const spanOf = (event) => event.target.closest(".sv-token");
  const indexOf = (span) => lane.spans.indexOf(span);
  const selectionOf = (span) => tokenSelection(current().data, name, indexOf(span));

  function focus(span) {
    if (!span) return;
    const row = rowsOf(current().data, "tokens." + name)[indexOf(span)];
    span.setAttribute("tabindex", "-1");
    span.setAttribute("role", "button");
    span.setAttribute("aria-pressed", "false");
    span.setAttribute("aria-label", tokenWords(row));
    span.focus({ preventScroll: true });
    const [box, frame] = [span.getBoundingClientRect(), text.getBoundingClientRect()];
    if (box.top < frame.top || box.bottom > frame.bottom) {
      text.scrollTop += box.top - frame.top - frame.height / 2;
    }
  }

  function nextTo(span, { side, isRound }) {
    const shown = lane.spans.slice(0, lane.numDrawn);
    let i = indexOf(span) + side;
    while (isRound && shown[i] && shown[i].dataset.round === span.dataset.round) i += side;
    return shown[i];
  }

  function onTokenKey(event, span) {
    if (event.key in LANE_STEPS) focus(nextTo(span, LANE_STEPS[event.key]));
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
    if (String(window.getSelection())) return; // text was selected, to be copied
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
    for (const attribute of FOCUSED_TOKEN) span.removeAttribute(attribute);
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

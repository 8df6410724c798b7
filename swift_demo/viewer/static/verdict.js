// Between the lanes: how much faster SWIFT writes, and whether it writes the same.
import { build, setText } from "./elements.js";
import { AGAINST_VANILLA, NONE } from "./words.js";

export function createVerdict() {
  const speedup = build("div", { class: "sv-speedup-number", "data-testid": "speedup" }, NONE);
  const word = build("div", { class: "sv-speedup-word" }, AGAINST_VANILLA);
  const accelerating = build("div", { class: "sv-accelerating", "data-testid": "speedup-accelerating" });
  const identical = build("div", { class: "sv-identical", "data-testid": "identical",
    "data-state": "unknown" }, NONE);
  const panel = build("section", { class: "sv-verdict", "aria-label": "Speedup" },
    build("div", { class: "sv-verdict-main" }, speedup, build("div", {}, word, accelerating)),
    build("div", {}, identical,
      build("div", { class: "sv-note" }, "SWIFT\u2019s text against vanilla\u2019s")));

  // The row of "verdicts" at the moment shown, or null.
  function draw(row) {
    const { speedup: ratio, word: comparison, tone, accelerating: rate, identical: text, identity } = row || {};
    setText(speedup, ratio || NONE);
    setText(word, comparison || AGAINST_VANILLA);
    panel.dataset.tone = tone || "unknown";
    setText(accelerating, rate ? rate + " while accelerating" : "");
    setText(identical, text || NONE);
    identical.dataset.state = identity || "unknown";
  }

  // The same for screen readers; empty while there is nothing to say.
  function sentence({ speedup: ratio, word: comparison, tone, identical: text, identity }) {
    const told = [];
    if (tone !== "unknown") told.push(`${ratio} ${comparison}`);
    if (identity !== "unknown") told.push(text);
    return told.length ? told.join(", ") + "." : "";
  }

  return { panel, draw, sentence };
}

// The two lanes: each token a span, by textContent; forward and back only what differs is touched.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  // The browser lays out a paragraph anew with every token that joins it, so a long text becomes several: a
  // paragraph of at least so many tokens ends with its next line.
  const PARAGRAPH_TOKENS = 60;

  function tokenSpan([, text, state, round, confidence, targetProb]) {
    // A rejected line break must not break the line: it never was in the text.
    const shown = state === "rejected" ? text.replace(/\n/g, "\u21b5") : text;
    const name = viewer.words.STATES.find(([known]) => known === state) || [state, state];
    const facts = [name[1] + ", round " + round];
    if (confidence !== null) facts.push("confidence " + confidence.toFixed(3));
    if (targetProb !== null) facts.push("target probability " + targetProb.toFixed(3));
    return styledToken(state, shown, { "data-round": round, title: facts.join("\n") });
  }

  // The mark leaves out the space around the word: at a line's end it would dangle.
  function styledToken(state, text, attributes) {
    const { build } = viewer.elements;
    const [, before, word, after] = /^(\s*)([^]*?)(\s*)$/.exec(text);
    return build("span", { class: "sv-token", "data-state": state, ...attributes },
      before, build("span", { class: "sv-mark" }, word), after);
  }

  function laneParts([name, title, subtitle, figures]) {
    const { build } = viewer.elements;
    const text = build("div", { class: "sv-text", tabindex: "0", role: "region",
      "aria-label": title + " text", "data-testid": "lane-" + name });
    const waiting = build("p", { class: "sv-waiting" });
    const status = build("span", { class: "sv-status" });
    const numbers = {};
    const row = build("dl", { class: "sv-figures" });
    for (const [key, label, explanation] of figures) {
      numbers[name + "." + key] = build("dd", { "data-key": name + "." + key }, viewer.words.NONE);
      row.append(build("div", { title: explanation }, build("dt", {}, label), numbers[name + "." + key]));
    }
    const panel = build("section", { class: "sv-lane", "data-lane": name, "aria-label": title + " lane" },
      build("header", { class: "sv-lane-head" }, build("h3", { title: subtitle }, title), status),
      build("div", { class: "sv-text-frame" }, text, waiting), row);
    const lane = { name, panel, text, waiting, status, numbers, spans: [], paragraphs: [], numDrawn: 0,
      isAtEnd: true, hasChanged: false };
    text.addEventListener("scroll", () => {
      lane.isAtEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 32;
    }, { passive: true });
    return lane;
  }

  // Spans are built once; a step back takes the last ones out, a step on puts them in again.
  function drawTokens(lane, rows, count) {
    if (lane.numDrawn === count) return;
    lane.hasChanged = true;
    if (count < lane.numDrawn) takeOut(lane, count);
    else putIn(lane, rows, count);
    lane.numDrawn = count;
  }

  function takeOut({ paragraphs }, count) {
    while (paragraphs.length && paragraphs[paragraphs.length - 1].first >= count) paragraphs.pop().element.remove();
    if (!paragraphs.length) return;
    const { element, first } = paragraphs[paragraphs.length - 1];
    if (element.childNodes.length <= count - first) return;
    const range = document.createRange();
    range.setStartBefore(element.childNodes[count - first]);
    range.setEndAfter(element.lastChild);
    range.deleteContents();
  }

  function putIn({ text, spans, paragraphs, numDrawn }, rows, count) {
    const isOver = (i, { first }) => {
      const [, ending, state] = rows[i];
      return i - first >= PARAGRAPH_TOKENS && state !== "rejected" && ending.endsWith("\n");
    };
    const added = document.createDocumentFragment();
    for (let i = numDrawn; i < count; i += 1) {
      const last = paragraphs[paragraphs.length - 1];
      if (!last || isOver(i - 1, last)) {
        if (last) last.element.append(added);
        const element = viewer.elements.build("div", {});
        paragraphs.push({ element, first: i });
        text.append(element);
      }
      spans[i] = spans[i] || tokenSpan(rows[i]);
      added.append(spans[i]);
    }
    paragraphs[paragraphs.length - 1].element.append(added);
  }

  // Who reads at a text's end, or moves along the run, stays at the end. This needs the layout, so it comes last.
  function keepAtEnd(lanes, { isFollowing }) {
    for (const lane of lanes) {
      if (lane.hasChanged && (lane.isAtEnd || !isFollowing)) lane.text.scrollTop = lane.text.scrollHeight;
      lane.hasChanged = false;
    }
  }

  function drawLane(lane, data, { moment, shown, isFollowing }) {
    const { setText } = viewer.elements;
    const { NONE, LANE_WAITING } = viewer.words;
    const { rowsBefore, textAt } = viewer.run;
    const rows = data.tokens[lane.name] || [];
    const count = rowsBefore(rows, moment);
    drawTokens(lane, rows, count);
    setText(lane.waiting, count ? "" : rows.length ? "Before the first token." : LANE_WAITING[shown]);
    const status = textAt(data.status[lane.name], moment);
    setText(lane.status, status);
    lane.panel.toggleAttribute("data-working",
      shown === "running" && isFollowing && !status.startsWith("finished"));
    for (const [key, cell] of Object.entries(lane.numbers)) {
      setText(cell, textAt(data.texts[key], moment) || NONE);
    }
  }

  function clearLane(lane) {
    Object.assign(lane, { spans: [], paragraphs: [], numDrawn: 0 });
    lane.text.replaceChildren();
  }

  viewer.lanes = { laneParts, styledToken, drawLane, keepAtEnd, clearLane };
})();

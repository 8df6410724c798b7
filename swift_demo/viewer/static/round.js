// The parts of one round as the inspector shows them: the draft as a tree, its tokens' rivals, the cost.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  const SVG = "http://www.w3.org/2000/svg";
  const COLUMN = 120;
  const ROW = 48;
  const NODE = [104, 40];
  const TOP = 56; // the confidences stand above the tree
  const LEFT = 32;
  const BAR = 32;
  const NODE_STATES = { unjudged: "not judged" };

  const probability = (value) => (value === null ? viewer.words.NONE : value.toFixed(2));

  function stateWord(state) {
    const known = viewer.words.STATES.find(([name]) => name === state);
    return known ? known[1] : NODE_STATES[state] || "";
  }

  function nodeObject([text, state, parent, column, row, place, confidence, targetProb, draftProb], index) {
    return { text, state, parent, column, row, place, confidence, targetProb, draftProb, index,
      x: LEFT + column * COLUMN, y: TOP + row * ROW };
  }

  // ---- the tree ----

  function edge(nodes, node) {
    const [width, height] = NODE;
    const parent = nodes[node.parent];
    const [x0, y0] = parent ? [parent.x + width, parent.y + height / 2] : [12, TOP + height / 2];
    const [x1, y1] = [node.x, node.y + height / 2];
    const bend = x1 - (x1 - x0) / 2;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", `M${x0} ${y0}H${bend}V${y1}H${x1}`);
    const isTaken = !["rejected", "unjudged"].includes(node.state);
    path.setAttribute("class", isTaken ? "sv-edge sv-edge-taken" : "sv-edge");
    return [isTaken, path];
  }

  function nodeButton(node) {
    const { build } = viewer.elements;
    const { text, state, confidence, targetProb, draftProb, index } = node;
    const odds = state === "corrected" || state === "bonus" ? probability(targetProb)
      : `${probability(draftProb)} \u2192 ${probability(targetProb)}`;
    const words = [text.trim(), stateWord(state)];
    if (confidence !== null) words.push("confidence " + probability(confidence));
    if (draftProb !== null) words.push("draft probability " + probability(draftProb));
    words.push("target probability " + probability(targetProb));
    const button = build("button", { type: "button", class: "sv-node", "data-state": state, "data-node": index,
      tabindex: "-1", "aria-label": words.join(", "), title: words.join("\n") },
      build("span", { class: "sv-mark" }, text.trim()), build("small", {}, odds));
    Object.assign(button.style, { left: node.x + "px", top: node.y + "px" });
    return button;
  }

  // How sure the draft was at each depth, against the threshold.
  function confidenceBars(nodes, threshold) {
    const { build } = viewer.elements;
    return nodes.filter((node) => node.row === 0 && node.confidence !== null).map((node) => {
      const bar = build("span", {});
      bar.style.height = BAR * node.confidence + "px";
      const line = build("i", {});
      line.style.bottom = BAR * threshold + "px";
      const holder = build("div", { class: "sv-sureness", "aria-hidden": "true",
        title: `confidence ${probability(node.confidence)}, threshold ${probability(threshold)}` },
        build("span", { class: "sv-sure-bar" }, bar, line), probability(node.confidence));
      holder.toggleAttribute("data-low", node.confidence < threshold);
      holder.style.left = node.x + "px";
      return holder;
    });
  }

  function drawTree(tree, facts) {
    const nodes = facts.nodes.map(nodeObject);
    const width = LEFT + COLUMN * (1 + Math.max(0, ...nodes.map((node) => node.column)));
    const height = TOP + ROW * (1 + Math.max(0, ...nodes.map((node) => node.row)));
    const lines = document.createElementNS(SVG, "svg");
    lines.setAttribute("width", width);
    lines.setAttribute("height", height);
    lines.setAttribute("aria-hidden", "true");
    const edges = nodes.map((node) => edge(nodes, node)).sort(([one], [other]) => one - other);
    lines.append(...edges.map(([, path]) => path));
    tree.replaceChildren(lines, ...confidenceBars(nodes, facts.threshold), ...nodes.map(nodeButton));
    tree.scrollTop = 0;
    tree.scrollLeft = 0;
  }

  // ---- one place: the tokens that could have stood there ----

  function oddsCell(kind, value) {
    const { build } = viewer.elements;
    const cell = build("td", { "data-odds": kind }, probability(value));
    cell.style.setProperty("--sv-share", value || 0);
    return cell;
  }

  function drawPlace(place, [title, note, rows], isGreedy) {
    const { build, setText } = viewer.elements;
    const kinds = isGreedy ? ["target", "draft"] : ["target", "draft", "residual"];
    setText(place.title, title);
    setText(place.note, note);
    place.table.replaceChildren(
      build("thead", {}, build("tr", {}, build("th", { scope: "col" }, "token"),
        ...kinds.map((kind) => build("th", { scope: "col", title: viewer.words.ODDS[kind] }, kind)))),
      build("tbody", {}, ...rows.map(([text, state, ...odds]) => build("tr", { "data-state": state },
        build("th", { scope: "row", title: stateWord(state) },
          build("span", { "data-state": state }, build("span", { class: "sv-mark" }, text)),
          build("span", { class: "sv-hidden" }, " " + stateWord(state))),
        ...kinds.map((kind, i) => oddsCell(kind, odds[i]))))));
    place.frame.scrollTop = 0;
  }

  // ---- what the round cost ----

  function drawParts({ bar, words }, parts) {
    const { build } = viewer.elements;
    const whole = parts.reduce((sum, [, ms]) => sum + ms, 0) || 1;
    bar.replaceChildren(...parts.map(([name, ms]) => {
      const part = build("span", { "data-part": name, title: `${name} ${ms.toFixed(1)} ms` });
      part.style.width = (100 * ms) / whole + "%";
      return part;
    }));
    words.replaceChildren(...parts.map(([name, ms]) =>
      build("span", { "data-part": name }, `${name} ${ms.toFixed(1)} ms`)));
  }

  function drawStrip(strip, { bits, skips }) {
    const { build } = viewer.elements;
    const half = bits.length / 2;
    strip.setAttribute("aria-label", skips);
    strip.title = skips;
    strip.replaceChildren(...[bits.slice(0, half), bits.slice(half)].map((row) => {
      const line = build("div", {});
      const cell = (bit, i) => (bit === "0" && (i === 0 || i === half - 1) ? "k" : bit);
      line.append(...Array.from(row, (bit, i) => build("span", { "data-bit": cell(bit, i) })));
      return line;
    }));
  }

  viewer.round = { drawTree, drawPlace, drawParts, drawStrip, sizes: { NODE, COLUMN, ROW } };
})();

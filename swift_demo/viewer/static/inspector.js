// The round inspector: shows the round that is selected, else the newest one at the moment shown.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  const INTERVAL_MS = 40;

  function parts() {
    const { build } = viewer.elements;
    const button = (sign, label, id) => build("button", { type: "button", class: "sv-button",
      "aria-label": label, title: label, "data-testid": id }, sign);
    const title = build("h3", {});
    const story = build("p", { class: "sv-story", "data-testid": "round-story" });
    const back = button("\u2039", "round before", "round-before");
    const on = button("\u203a", "round after", "round-after");
    const free = build("button", { type: "button", class: "sv-button sv-free", "data-testid": "free",
      title: "Escape" }, "Unlock");
    const tree = build("div", { class: "sv-tree", role: "group", "data-testid": "tree" });
    const waiting = build("p", { class: "sv-waiting" }, "Opens with the first round of the draft.");
    const table = build("table", {});
    const place = { title: build("h4", {}), note: build("p", { class: "sv-place-note" }), table,
      frame: build("div", { class: "sv-place-frame", tabindex: "0", role: "region",
        "aria-label": "Tokens that could have stood there" }, table) };
    const facts = build("dl", { class: "sv-round-facts" });
    const cost = { bar: build("div", { class: "sv-cost", "aria-hidden": "true" }),
      words: build("p", { class: "sv-cost-words", "data-testid": "round-cost" }) };
    const strip = build("div", { class: "sv-strip", role: "img" });
    const panel = build("section", { class: "sv-inspector", "aria-label": "Round inspector",
      "data-testid": "inspector" },
      build("header", {}, title, story, free, back, on),
      build("div", { class: "sv-inspector-body" },
        build("div", { class: "sv-tree-frame" }, tree, waiting,
          build("p", { class: "sv-caption" }, "Bar: confidence, with the threshold. Figures: draft \u2192 target " +
            "probability. A click holds any token, node, point or row.")),
        build("section", { class: "sv-place", "aria-label": "One place of the draft" },
          place.title, place.note, place.frame)),
      build("div", { class: "sv-inspector-foot" }, facts,
        build("div", { class: "sv-round-cost" }, build("h4", {}, "Time of this round"), cost.bar, cost.words),
        build("div", { class: "sv-round-set" }, build("h4", {}, "Skip set in force"), strip)));
    return { panel, title, story, back, on, free, tree, waiting, place, facts, cost, strip };
  }

  // `current` and `selection` as in viewer.js.
  function createInspector(current, selection) {
    const { build, setText, painter } = viewer.elements;
    const all = parts();
    let isNear = false;
    let isInSight = false;
    let drawn = [null, null];
    let place = null;

    // What to show: the round meant, if it is there at this moment, else the newest one.
    function target() {
      const { data, moment } = current();
      const rows = viewer.selection.roundsAt(data, moment);
      const chosen = selection.now();
      const at = chosen ? rows.findIndex((row) => row[1] === chosen.round) : -1;
      const index = at >= 0 ? at : rows.length - 1;
      return { rows, index, row: rows[index] || null, chosen: at >= 0 ? chosen : null, data };
    }

    function drawEmpty() {
      all.tree.replaceChildren();
      all.place.table.replaceChildren();
      all.facts.replaceChildren();
      all.cost.bar.replaceChildren();
      all.cost.words.replaceChildren();
      all.strip.replaceChildren();
      for (const element of [all.story, all.place.title, all.place.note]) setText(element, "");
      setText(all.title, "Round inspector");
    }

    function drawRound(row) {
      const [, number, facts] = row;
      setText(all.title, "Round " + number);
      setText(all.story, facts.story);
      all.story.title = facts.story;
      all.tree.setAttribute("aria-label", `Draft of round ${number}. ${facts.story} Arrow keys go along it.`);
      viewer.round.drawTree(all.tree, facts);
      viewer.round.drawParts(all.cost, facts.parts);
      viewer.round.drawStrip(all.strip, facts);
      all.facts.replaceChildren(...facts.facts.map(([name, text]) =>
        build("div", { title: text }, build("dt", {}, name), build("dd", {}, text))));
    }

    function drawPicked(row, chosen, data) {
      const [, , { nodes, places, first }] = row;
      const picked = chosen && chosen.node !== null ? nodes[chosen.node] : null;
      const wanted = picked ? picked[5] : first;
      for (const button of all.tree.querySelectorAll(".sv-node")) {
        const isPicked = Boolean(picked) && Number(button.dataset.node) === chosen.node;
        button.setAttribute("aria-pressed", String(isPicked && selection.isLocked()));
        button.classList.toggle("sv-picked", isPicked);
        button.classList.toggle("sv-here", nodes[button.dataset.node][5] === wanted);
        button.tabIndex = isPicked || (!picked && button.dataset.node === "0") ? 0 : -1;
        if (isPicked) keepInView(button);
      }
      if (wanted === place) return;
      place = wanted;
      if (places[wanted]) viewer.round.drawPlace(all.place, places[wanted], data.run.is_greedy);
    }

    function keepInView(button) {
      const { tree } = all;
      const [left, right] = [button.offsetLeft, button.offsetLeft + button.offsetWidth];
      const [top, bottom] = [button.offsetTop, button.offsetTop + button.offsetHeight];
      if (left < tree.scrollLeft || right > tree.scrollLeft + tree.clientWidth) {
        tree.scrollLeft = left - tree.clientWidth / 2;
      }
      if (top < tree.scrollTop || bottom > tree.scrollTop + tree.clientHeight) {
        tree.scrollTop = top - tree.clientHeight / 2;
      }
    }

    function draw() {
      if (!(current().isGrowing ? isInSight : isNear)) return;
      const { rows, index, row, chosen, data } = target();
      const isLocked = selection.isLocked();
      all.panel.toggleAttribute("data-locked", isLocked);
      all.free.disabled = !isLocked;
      all.back.disabled = index <= 0;
      all.on.disabled = index < 0 || index === rows.length - 1;
      all.waiting.hidden = Boolean(row);
      if (drawn[0] !== row) {
        place = null;
        if (row) drawRound(row);
        else drawEmpty();
      }
      drawn = [row];
      if (row) drawPicked(row, chosen, data);
    }

    const request = painter(draw, () => INTERVAL_MS);

    function go(step) {
      const { rows, index } = target();
      const row = rows[index + step];
      if (row) selection.lock({ round: row[1], node: null, trial: null });
    }

    const nodeOf = (event) => event.target.closest(".sv-node");
    const selectionOf = (button) => ({ round: drawn[0][1], node: Number(button.dataset.node), trial: null });

    // Along the tree: to the parent, the first child, the sibling before, the sibling after.
    function neighbour(button, key) {
      const { nodes } = drawn[0][2];
      const node = Number(button.dataset.node);
      const inOrder = (parent) => nodes.map((row, i) => [row[4], i]).filter(([, i]) => nodes[i][2] === parent)
        .sort(([one], [other]) => one - other).map(([, i]) => i);
      const siblings = inOrder(nodes[node][2]);
      const next = { ArrowLeft: nodes[node][2], ArrowRight: inOrder(node)[0],
        ArrowUp: siblings[siblings.indexOf(node) - 1], ArrowDown: siblings[siblings.indexOf(node) + 1] }[key];
      return all.tree.querySelector(`[data-node="${next}"]`);
    }

    all.back.addEventListener("click", () => go(-1));
    all.on.addEventListener("click", () => go(1));
    all.free.addEventListener("click", () => selection.free());
    all.tree.addEventListener("mouseover", (event) => {
      const button = nodeOf(event);
      if (button) selection.point(selectionOf(button));
    });
    all.tree.addEventListener("mouseleave", () => selection.point(null));
    all.tree.addEventListener("focusin", (event) => selection.point(selectionOf(nodeOf(event))));
    all.tree.addEventListener("focusout", () => selection.point(null));
    all.tree.addEventListener("click", (event) => {
      const button = nodeOf(event);
      if (button) selection.toggle(selectionOf(button));
    });
    all.tree.addEventListener("keydown", (event) => {
      const button = nodeOf(event);
      if (!button || !event.key.startsWith("Arrow") || event.altKey || event.shiftKey) return;
      event.preventDefault();
      const next = neighbour(button, event.key);
      if (next) next.focus({ preventScroll: true });
    });
    // Nobody looks at what is not on screen; what is near is kept ready, but not while a run goes on.
    const watch = (rootMargin, note) => new IntersectionObserver((entries) => {
      note(entries[entries.length - 1].isIntersecting);
      request();
    }, { rootMargin }).observe(all.panel);
    watch("100%", (is) => { isNear = is; });
    watch("0%", (is) => { isInSight = is; });
    return { panel: all.panel, request };
  }

  viewer.inspector = { createInspector };
})();

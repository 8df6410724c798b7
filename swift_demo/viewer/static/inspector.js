// The round inspector: shows the selected round, else the newest one at the moment shown.
import { build, painter, setText } from "./elements.js";
import { drawCost, drawPlace, drawStrip, drawTree } from "./round.js";
import { rowsAt } from "./run.js";
import { INSPECTOR_CAPTION, INSPECTOR_WAITING } from "./words.js";

const INSPECTOR_INTERVAL_MS = 40;

function inspectorElements() {
  const button = (sign, label, id) => build("button", { type: "button", class: "sv-button",
    "aria-label": label, title: label, "data-testid": id }, sign);
  const title = build("h3", {});
  const story = build("p", { class: "sv-story", "data-testid": "round-story" });
  const back = button("\u2039", "round before", "round-before");
  const on = button("\u203a", "round after", "round-after");
  const free = build("button", { type: "button", class: "sv-button sv-free", "data-testid": "free",
    title: "Escape" }, "Unlock");
  const tree = build("div", { class: "sv-tree", role: "group", "data-testid": "tree" });
  const waiting = build("p", { class: "sv-waiting" }, INSPECTOR_WAITING);
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
        build("p", { class: "sv-caption" }, INSPECTOR_CAPTION)),
      build("section", { class: "sv-place", "aria-label": "One place of the draft" },
        place.title, place.note, place.frame)),
    build("div", { class: "sv-inspector-foot" }, facts,
      build("div", {}, build("h4", {}, "Time of this round"), cost.bar, cost.words),
      build("div", {}, build("h4", {}, "Skip set in force"), strip)));
  return { panel, title, story, back, on, free, tree, waiting, place, facts, cost, strip };
}

function keepInView(button, tree) {
  const [left, right] = [button.offsetLeft, button.offsetLeft + button.offsetWidth];
  const [top, bottom] = [button.offsetTop, button.offsetTop + button.offsetHeight];
  if (left < tree.scrollLeft || right > tree.scrollLeft + tree.clientWidth) {
    tree.scrollLeft = left - tree.clientWidth / 2;
  }
  if (top < tree.scrollTop || bottom > tree.scrollTop + tree.clientHeight) {
    tree.scrollTop = top - tree.clientHeight / 2;
  }
}

// Where a key leads from a node of the tree: its parent, first child, previous or next sibling.
function nodeAfterKey(nodes, node, key) {
  const { parent } = nodes[node];
  const childrenOf = (index) => [...nodes.keys()].filter((child) => nodes[child].parent === index)
    .sort((one, other) => nodes[one].row - nodes[other].row);
  const siblings = childrenOf(parent);
  const at = siblings.indexOf(node);
  return { ArrowLeft: parent, ArrowRight: childrenOf(node)[0],
    ArrowUp: siblings[at - 1], ArrowDown: siblings[at + 1] }[key];
}

// `current` and `selection` as in viewer.js.
export function createInspector(current, selection) {
  const all = inspectorElements();
  let isNear = false;
  let isInSight = false;
  let drawn = null; // the row of "inspections"
  let drawnPlace = null;

  // What to show: the selected round, if it exists at this moment, else the newest one.
  function target() {
    const { data, moment } = current();
    const rows = rowsAt(data, "inspections", moment);
    const chosen = selection.now();
    const at = chosen ? rows.findIndex(({ round }) => round === chosen.round) : -1;
    const index = at >= 0 ? at : rows.length - 1;
    return { rows, index, row: rows[index] || null, chosen: at >= 0 ? chosen : null, data };
  }

  function drawEmpty() {
    for (const element of [all.tree, all.place.table, all.facts, all.cost.bar, all.cost.words, all.strip]) {
      element.replaceChildren();
    }
    for (const element of [all.story, all.place.title, all.place.note]) setText(element, "");
    setText(all.title, "Round inspector");
  }

  function drawRound(row) {
    const { round, story, facts, spent } = row;
    setText(all.title, "Round " + round);
    setText(all.story, story);
    all.story.title = story;
    all.tree.setAttribute("aria-label", `Draft of round ${round}. ${story} Arrow keys go along it.`);
    drawTree(all.tree, row);
    drawCost(all.cost, spent);
    drawStrip(all.strip, row);
    all.facts.replaceChildren(...facts.map(({ name, text }) =>
      build("div", { title: text }, build("dt", {}, name), build("dd", {}, text))));
  }

  function drawPicked({ nodes, places, first_place: firstPlace }, chosen, data) {
    const picked = chosen && chosen.node !== null ? nodes[chosen.node] : null;
    const wanted = picked ? picked.place : firstPlace;
    for (const button of all.tree.querySelectorAll(".sv-node")) {
      const isPicked = Boolean(picked) && Number(button.dataset.node) === chosen.node;
      button.setAttribute("aria-pressed", String(isPicked && selection.isLocked()));
      button.classList.toggle("sv-picked", isPicked);
      button.classList.toggle("sv-here", nodes[button.dataset.node].place === wanted);
      button.tabIndex = isPicked || (!picked && button.dataset.node === "0") ? 0 : -1;
      if (isPicked) keepInView(button, all.tree);
    }
    if (wanted === drawnPlace) return;
    drawnPlace = wanted;
    if (places[wanted]) drawPlace(all.place, places[wanted], data.run.is_greedy);
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
    if (drawn !== row) {
      drawnPlace = null;
      if (row) drawRound(row);
      else drawEmpty();
    }
    drawn = row;
    if (row) drawPicked(row, chosen, data);
  }

  const request = painter(draw, () => INSPECTOR_INTERVAL_MS);

  function go(step) {
    const { rows, index } = target();
    const row = rows[index + step];
    if (row) selection.lock({ round: row.round, node: null, trial: null });
  }

  const nodeOf = (event) => event.target.closest(".sv-node");
  const selectionOf = (button) => ({ round: drawn.round, node: Number(button.dataset.node), trial: null });

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
    const node = nodeAfterKey(drawn.nodes, Number(button.dataset.node), event.key);
    const next = all.tree.querySelector(`[data-node="${node}"]`);
    if (next) next.focus({ preventScroll: true });
  });
  // What is off screen is not drawn; what is near is kept ready, but not during a run.
  const watch = (rootMargin, note) => new IntersectionObserver((entries) => {
    note(entries[entries.length - 1].isIntersecting);
    request();
  }, { rootMargin }).observe(all.panel);
  watch("100%", (is) => { isNear = is; });
  watch("0%", (is) => { isInSight = is; });
  return { panel: all.panel, request };
}

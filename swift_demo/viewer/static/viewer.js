// Draws a run from append-only chunks (see value.py) at any of its moments: text by textContent, figures by
// Plotly.react. Knows nothing of what the numbers mean: formats come with the chunks, standing words from words.js.
import { build, painter, setText } from "./elements.js";
import { createFiles } from "./files.js";
import { createDrafting } from "./drafting.js";
import { createGallery } from "./gallery.js";
import { createHighlights } from "./highlights.js";
import { createInspector } from "./inspector.js";
import { clearLane, createLane, drawLane, keepAtEnd, styledToken } from "./lanes.js";
import { createLinks } from "./links.js";
import { READABLE, readablePace } from "./pace.js";
import { createPlayer } from "./player.js";
import { createPlots } from "./plots.js";
import { createPresenter } from "./presenter.js";
import { emptyRun, isOver, merge, newest, rowSince } from "./run.js";
import { createSelection } from "./selection.js";
import { createSpeaker } from "./spoken.js";
import { createTimeline } from "./timeline.js";
import { createVerdict } from "./verdict.js";
import { LANES, RIBBON, TOKEN_WORDS, paceWords } from "./words.js";

const LIVE_INTERVAL_MS = 100;
const CUT_SHORT = ["stopped", "failed"];

function ribbonElements() {
  const word = build("strong", {});
  const text = build("span", {});
  const panel = build("div", { class: "sv-ribbon", "data-testid": "ribbon" }, word, text);
  return { panel, word, text };
}

const parsed = (given) => (typeof given === "string" ? JSON.parse(given) : given);

function createViewer(element, services) {
  let data = emptyRun();
  let id = null;
  let numSeen = 0;
  let state = "empty";
  let message = "";
  let link = null;
  let isFirst = true;
  let hasPace = false;

  // `state` is the run's; `shown` is the picture's, which may be behind.
  function current() {
    const now = player.now();
    const shown = state === "finished" && now.pace !== null ? "running" : state;
    return { data, id, state, shown, link, isGrowing: state === "running", ...now };
  }
  const player = createPlayer(() => current(), () => requestMoment());
  const root = build("div", { class: "swift-viewer", "data-state": "empty" });
  const lanes = LANES.map(createLane);
  const ribbon = ribbonElements();
  const verdict = createVerdict();
  const drafting = createDrafting();
  const notice = build("p", { class: "sv-notice", hidden: "", "data-testid": "notice" });
  const speaker = createSpeaker();
  const links = createLinks(current, player, speaker.say);
  const presenter = createPresenter(root, speaker.say, () => {
    timeline.closeKeys();
    plots.request();
  });
  const timeline = createTimeline(root, player, current,
    [presenter.lanes, links.button, presenter.button, links.bubble]);
  const plots = createPlots(root, current);
  const files = createFiles(services, current, speaker.say);
  const gallery = createGallery(services, current, player);
  const selection = createSelection(root, lanes, current, () => requestSelection());
  const highlights = createHighlights(root, current, selection);
  const inspector = createInspector(current, selection);
  const legend = build("ul", { class: "sv-legend", "aria-label": "What the tokens look like" },
    ...Object.entries(TOKEN_WORDS).map(([token, words]) => build("li", {}, styledToken(token, words, {}))));
  const race = lanes.map(({ panel }) => panel);
  race.splice(1, 0, verdict.panel); // between the lanes
  root.append(notice, ribbon.panel, speaker.panel,
    build("h2", { class: "sv-hidden" }, "The race"), drafting.panel,
    build("div", { class: "sv-race" }, ...race, gallery.panel), legend,
    timeline.panel, inspector.panel, build("h2", { class: "sv-hidden" }, "What SWIFT is doing"),
    build("div", { class: "sv-plots" }, ...plots.panels), files.panel);
  element.replaceChildren(root);

  function drawRibbon({ shown, pace }) {
    const { word, text } = RIBBON[shown];
    const label = shown === "recorded" && data.run ? data.run.label : text;
    root.dataset.state = shown;
    setText(ribbon.word, word);
    setText(ribbon.text, message || (pace === null ? label : paceWords(pace)));
    ribbon.panel.title = ribbon.text.textContent;
  }

  // Announced when the state or the stage changes, not for each token, and not while scrubbing.
  function speak({ shown, pace, moment, isFollowing }, verdictRow) {
    if (!isFollowing) return;
    const status = rowSince(data, "status.swift", "stage", moment);
    const told = isOver(shown) && verdictRow ? verdictRow : null;
    const weighed = newest(data, "drafting", moment);
    speaker.summarise([id, shown, message, pace, status && status.stage, weighed && weighed.drafts,
      told && [told.tone, told.identity]], [
      RIBBON[shown].word + ".",
      message || (pace === null ? "" : paceWords(pace)),
      status ? `SWIFT: ${status.text}.` : "",
      weighed ? weighed.text : "",
      told ? verdict.sentence(told) : "",
    ].filter(Boolean).join(" "));
  }

  function drawMoment() {
    const now = current();
    const verdictRow = newest(data, "verdicts", now.moment);
    drawRibbon(now);
    speak(now, verdictRow);
    for (const lane of lanes) drawLane(lane, data, now);
    verdict.draw(verdictRow);
    drafting.draw(newest(data, "drafting", now.moment));
    for (const part of [timeline, links, files, gallery]) part.draw();
    requestSelection();
    keepAtEnd(lanes, now);
  }

  const requestSelection = painter(() => {
    selection.draw();
    highlights.draw();
    inspector.request();
  }, () => 0);

  // A growing run is drawn now and then; a move by hand is followed in every frame.
  const paintMoment = painter(drawMoment, () => {
    const { shown, isFollowing } = current();
    return shown === "running" && isFollowing ? LIVE_INTERVAL_MS : 0;
  });

  function requestMoment() {
    paintMoment();
    links.note();
    if (!presenter.isOn()) plots.request(); // they are hidden there
  }

  function clear() {
    data = emptyRun();
    id = null;
    numSeen = 0;
    state = "empty";
    message = "";
    hasPace = false;
    player.reset();
    selection.clear();
    lanes.forEach(clearLane);
    requestMoment();
  }

  // If a chunk is missing, all come again with the last value.
  function take({ chunks = [], first = 0 }) {
    if (first > numSeen) return;
    for (const chunk of chunks.slice(numSeen - first)) merge(data, parsed(chunk));
    numSeen = first + chunks.length;
  }

  // Once for a run: whoever has moved by hand since is left alone.
  function choosePace(wanted) {
    const pace = wanted === READABLE ? readablePace(data) : wanted;
    hasPace = pace !== undefined;
    if (hasPace) player.keepPace(pace);
  }

  function show(given) {
    const value = given && parsed(given);
    if (!value) {
      clear();
      return;
    }
    const { chunks = [], first = 0 } = value;
    if (value.id !== id || first + chunks.length < numSeen) clear();
    id = value.id;
    take(value);
    state = value.state in RIBBON ? value.state : "empty";
    message = value.message || "";
    link = value.link || null;
    root.classList.toggle("sv-code", Boolean(value.is_code));
    if (CUT_SHORT.includes(state)) player.keepPace(null); // shown at once, as far as it got
    else if (!hasPace && state !== "loading") choosePace(value.pace || null);
    player.grown();
    setText(notice, isFirst ? links.open(value.notice) : value.notice || "");
    notice.hidden = !notice.textContent;
    speaker.say(notice.textContent);
    isFirst = false;
  }

  // Dark mode is a class on the body.
  new MutationObserver(plots.request).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  clear();
  return { show, root };
}

// The viewer inside an element, made at the first call. `services`, each optional: `file(id, kind)` gives
// {name, text} or {error}, `kinds` are those that it knows; `open(name, base64)` opens a trace and gives {error};
// `recorded` are cards (see value.py), and `openRecorded(name)` opens one.
export function mount(element, services = {}) {
  const made = element.swiftViewer;
  if (made && made.root.parentNode === element) return made;
  element.swiftViewer = createViewer(element, services);
  return element.swiftViewer;
}

// Whichever came first waits for the event.
window.SwiftViewer = { mount };
document.dispatchEvent(new CustomEvent("swift-viewer-ready"));

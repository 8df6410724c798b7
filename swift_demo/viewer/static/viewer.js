// Draws a run from append-only chunks (see view.py) at any of its moments: text by textContent, figures by
// Plotly.react. Knows nothing of what the numbers mean; words and formats come with the chunks.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  const LIVE_INTERVAL_MS = 100;
  const PARTS = ["words", "elements", "run", "filling", "lanes", "panels", "plots", "player", "timeline", "files",
    "selection", "highlights", "round", "inspector", "spoken", "links", "presenter", "gallery"];
  const BUSY = ["empty", "loading", "running"];
  const CUT_SHORT = ["stopped", "failed"];

  function ribbonParts() {
    const { build } = viewer.elements;
    const word = build("strong", {});
    const text = build("span", {});
    const panel = build("div", { class: "sv-ribbon", "data-testid": "ribbon" }, word, text);
    return { panel, word, text };
  }

  function verdictParts() {
    const { build } = viewer.elements;
    const { NONE } = viewer.words;
    const speedup = build("div", { class: "sv-speedup-number", "data-testid": "speedup" }, NONE);
    const word = build("div", { class: "sv-speedup-word" }, "against vanilla");
    const accelerating = build("div", { class: "sv-accelerating", "data-testid": "speedup-accelerating" });
    const identical = build("div", { class: "sv-identical", "data-testid": "identical",
      "data-state": "unknown" }, NONE);
    const panel = build("section", { class: "sv-verdict", "aria-label": "Speedup" },
      build("div", { class: "sv-verdict-main" }, speedup, build("div", {}, word, accelerating)),
      build("div", { class: "sv-identity" }, identical,
        build("div", { class: "sv-note" }, "SWIFT\u2019s text against vanilla\u2019s")));
    return { panel, speedup, word, accelerating, identical };
  }

  function drawVerdict({ panel, speedup, word, accelerating, identical }, textOf) {
    const { setText } = viewer.elements;
    setText(speedup, textOf("speedup") || viewer.words.NONE);
    setText(word, textOf("speedup.word") || "against vanilla");
    panel.dataset.tone = textOf("speedup.tone") || "unknown";
    const rate = textOf("speedup.accelerating");
    setText(accelerating, rate ? rate + " while accelerating" : "");
    setText(identical, textOf("identical") || viewer.words.NONE);
    identical.dataset.state = textOf("identical.state") || "unknown";
  }

  function createViewer(element, services) {
    const { build, setText, painter } = viewer.elements;
    const { words } = viewer;
    let data = viewer.run.emptyRun();
    let id = null;
    let numSeen = 0;
    let state = "empty";
    let message = "";
    let link = null;
    let isFirst = true;
    let hasBegun = false;

    // `state` is the run's; `shown` that of the picture, which may be behind.
    function current() {
      const now = player.now();
      const shown = state === "finished" && now.pace !== null ? "running" : state;
      return { data, id, state, shown, link, isGrowing: state === "running", ...now };
    }
    const player = viewer.player.createPlayer(() => current(), () => requestMoment());
    const root = build("div", { class: "swift-viewer", "data-state": "empty" });
    const lanes = words.LANES.map(viewer.lanes.laneParts);
    const ribbon = ribbonParts();
    const verdict = verdictParts();
    const notice = build("p", { class: "sv-notice", hidden: "", "data-testid": "notice" });
    const speaker = viewer.spoken.createSpeaker();
    const links = viewer.links.createLinks(current, player, speaker.say);
    const presenter = viewer.presenter.createPresenter(root, speaker.say, () => plots.request());
    const timeline = viewer.timeline.createTimeline(root, player, current,
      [presenter.lanes, links.button, presenter.button, links.bubble]);
    const plots = viewer.plots.createPlots(root, current);
    const files = viewer.files.createFiles(services, current, show, speaker.say);
    const gallery = viewer.gallery.createGallery(services, current, player);
    const selection = viewer.selection.createSelection(root, lanes, current, () => requestSelection());
    const highlights = viewer.highlights.createHighlights(root, current, selection);
    const inspector = viewer.inspector.createInspector(current, selection);
    const legend = build("ul", { class: "sv-legend", "aria-label": "What the tokens look like" },
      ...words.STATES.map(([token, name]) => build("li", {}, viewer.lanes.styledToken(token, name, {}))));
    root.append(notice, ribbon.panel, speaker.panel,
      build("h2", { class: "sv-hidden" }, "The race"),
      build("div", { class: "sv-race" }, lanes[0].panel, verdict.panel, lanes[1].panel, gallery.panel), legend,
      timeline.panel, inspector.panel, build("h2", { class: "sv-hidden" }, "What SWIFT is doing"),
      build("div", { class: "sv-plots" }, ...plots.panels), files.panel);
    element.replaceChildren(root);

    function drawRibbon({ shown, pace }, textOf, swiftStatus) {
      root.dataset.state = shown;
      const [name, standard] = words.RIBBON[shown];
      const paced = pace === null ? "" : words.PACED(pace);
      setText(ribbon.word, name);
      setText(ribbon.text, message || paced || (shown === "recorded" && data.run ? data.run.label : standard));
      ribbon.panel.title = ribbon.text.textContent;
      // Told when the state or the phase changes, not for each token, and not while one scrubs.
      if (!player.now().isFollowing) return;
      const isDone = !BUSY.includes(shown);
      speaker.summarise([name + ".", message || paced, swiftStatus ? "SWIFT: " +
        swiftStatus.replace(/, trial.*/, "") + "." : "", isDone && textOf("speedup") ?
        textOf("speedup") + " " + textOf("speedup.word") + ", " + textOf("identical") + "." : ""].join(" ").trim());
    }

    function drawMoment() {
      const now = current();
      const textOf = (key) => viewer.run.textAt(data.texts[key], now.moment);
      drawRibbon(now, textOf, viewer.run.textAt(data.status.swift, now.moment));
      for (const lane of lanes) viewer.lanes.drawLane(lane, data, now);
      drawVerdict(verdict, textOf);
      for (const part of [timeline, links, files, gallery]) part.draw();
      requestSelection();
      viewer.lanes.keepAtEnd(lanes, now);
    }

    const requestSelection = painter(() => {
      selection.draw();
      highlights.draw();
      inspector.request();
    }, () => 0);

    // A run that grows is drawn now and then; one's own hand is followed in every frame.
    const paintMoment = painter(drawMoment, () => {
      const { shown, isFollowing } = current();
      return shown === "running" && isFollowing ? LIVE_INTERVAL_MS : 0;
    });

    function requestMoment() {
      paintMoment();
      links.note();
      if (!presenter.isOn()) plots.request(); // they are not seen there
    }

    function clear() {
      data = viewer.run.emptyRun();
      id = null;
      numSeen = 0;
      state = "empty";
      message = "";
      hasBegun = false;
      player.reset();
      selection.clear();
      lanes.forEach(viewer.lanes.clearLane);
      requestMoment();
    }

    function show(given) {
      const value = typeof given === "string" && given ? JSON.parse(given) : given;
      if (!value) {
        clear();
        return;
      }
      const { chunks = [], first = 0 } = value;
      if (value.id !== id || first + chunks.length < numSeen) clear();
      id = value.id;
      // Were one missing, all come again with the last value.
      if (first <= numSeen) {
        for (const chunk of chunks.slice(numSeen - first)) {
          viewer.run.merge(data, typeof chunk === "string" ? JSON.parse(chunk) : chunk);
        }
        numSeen = first + chunks.length;
      }
      state = value.state in words.RIBBON ? value.state : "empty";
      message = value.message || "";
      link = value.link || null;
      root.classList.toggle("sv-code", Boolean(value.is_code));
      if (CUT_SHORT.includes(state)) player.keepPace(null); // shown at once, as far as it got
      else if (!hasBegun && state !== "loading") player.keepPace(value.pace || null);
      hasBegun = hasBegun || state !== "loading";
      player.grown();
      setText(notice, isFirst ? links.open(value.notice) : value.notice || "");
      notice.hidden = !notice.textContent;
      speaker.say(notice.textContent);
      isFirst = false;
    }

    // Dark mode is a class on the body.
    new MutationObserver(plots.request).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    clear();
    return { show, clear, root };
  }

  // The viewer inside an element, made at the first call. `services`, each optional:
  // file(id, kind) → {name, text} or {error}; open(name, base64) → {value} or {error}.
  viewer.mount = (element, services = {}) => {
    const made = element.swiftViewer;
    if (made && made.root.parentNode === element) return made;
    element.swiftViewer = createViewer(element, services);
    return element.swiftViewer;
  };

  // The files may arrive in any order.
  viewer.isReady = () => Boolean(window.Plotly) && PARTS.every((part) => part in viewer);
})();

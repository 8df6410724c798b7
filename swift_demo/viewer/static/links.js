// The address says which run is shown, which moment of it, and at which speed it plays; so a link opens the same
// again, and nobody has to remember anything. `link` is what names the run there (see export.py).
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  const OURS = ["run", "preset", "moment", "speed"];
  const INTERVAL_MS = 500; // browsers allow few changes of the address in a while

  // A task names no run, so its moments cannot be named either.
  const hasMoments = (link) => Boolean(link) && !("preset" in link);
  const queryNow = () => new URLSearchParams(window.location.search);

  function queryOf({ link, moment, isFollowing, speed }) {
    const query = queryNow();
    OURS.forEach((name) => query.delete(name));
    for (const [name, value] of Object.entries(link || {})) query.set(name, value);
    if (hasMoments(link) && !isFollowing) query.set("moment", moment);
    if (speed !== 1) query.set("speed", speed);
    return query.toString();
  }

  const addressOf = (query) =>
    window.location.pathname + (query ? "?" + query : "") + window.location.hash;

  // What the address asks for beside the run; sentences for what cannot be done.
  function wishes(query, { data, link }) {
    const { SPEEDS } = viewer.player;
    const { WRONG_MOMENT, WRONG_SPEED } = viewer.words;
    const found = { notices: [] };
    if (query.has("speed")) {
      const speed = Number(query.get("speed"));
      if (SPEEDS.includes(speed)) found.speed = speed;
      else found.notices.push(WRONG_SPEED(query.get("speed").slice(0, 20), SPEEDS.join(", ")));
    }
    if (query.has("moment") && hasMoments(link)) {
      const text = query.get("moment");
      const moment = Number(text);
      if (/^\d+$/.test(text) && moment <= data.times.length) found.moment = moment;
      else found.notices.push(WRONG_MOMENT(text.slice(0, 20), data.times.length));
    }
    return found;
  }

  function bubbleParts() {
    const { build } = viewer.elements;
    const button = build("button", { type: "button", class: "sv-button", "aria-expanded": "false",
      "data-testid": "copy-link" }, "Copy link");
    const sentence = build("p", {});
    const field = build("input", { type: "text", class: "sv-link", readonly: "", "aria-label": "link",
      "data-testid": "link" });
    const bubble = build("div", { class: "sv-bubble", hidden: "", "data-testid": "link-bubble" }, sentence, field);
    return { button, sentence, field, bubble };
  }

  // `current` gives {data, link, moment, isFollowing, speed}; `say` tells a screen reader.
  function createLinks(current, player, say) {
    const { setText } = viewer.elements;
    const { button, sentence, field, bubble } = bubbleParts();
    let isOpened = false;
    let written = "";
    let timer = null;

    function write() {
      timer = null;
      const query = queryOf(current());
      if (query === written) return;
      written = query;
      window.history.replaceState(window.history.state, "", addressOf(query));
    }

    // The address follows a moment later; one that was only opened is left as it is.
    function note() {
      if (isOpened && timer === null) timer = setTimeout(write, INTERVAL_MS);
    }

    // The first run is here: go where the address says. Gives the sentences on what was wrong with it.
    function open(notice) {
      isOpened = true;
      const query = queryNow();
      if (notice) query.delete("moment"); // of another run
      const { notices, moment, speed } = wishes(query, current());
      if (speed !== undefined) player.setSpeed(speed);
      if (moment !== undefined) player.goTo(moment);
      written = queryOf(current());
      return [notice, ...notices].filter(Boolean).join(" ");
    }

    function close() {
      bubble.hidden = true;
      button.setAttribute("aria-expanded", "false");
    }

    async function copy() {
      const { COPIED, COPIED_TASK, NOT_COPIED, NO_LINK } = viewer.words;
      const { link } = current();
      const query = queryOf(current());
      field.value = new URL(addressOf(query), window.location.href).href;
      let words = link ? (hasMoments(link) ? COPIED : COPIED_TASK) : NO_LINK;
      if (link) {
        try {
          await window.navigator.clipboard.writeText(field.value);
        } catch {
          words = NOT_COPIED; // not served safely, or not allowed
        }
      }
      field.hidden = !link;
      bubble.hidden = false;
      button.setAttribute("aria-expanded", "true");
      setText(sentence, words);
      say(words);
      if (words === NOT_COPIED) field.select();
    }

    button.addEventListener("click", () => (bubble.hidden ? copy() : close()));
    const leave = (event) => {
      if (!bubble.contains(event.relatedTarget) && event.relatedTarget !== button) close();
    };
    for (const element of [button, bubble]) {
      element.addEventListener("focusout", leave);
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || bubble.hidden) return;
        event.preventDefault();
        button.focus();
        close();
      });
    }

    function draw() {
      button.disabled = !current().data.times.length;
    }

    return { button, bubble, note, open, draw };
  }

  viewer.links = { createLinks };
})();

// What a screen reader is told: in one place, politely, and only what is worth an interruption.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  function createSpeaker() {
    const { build, setText } = viewer.elements;
    const panel = build("div", { class: "sv-hidden", role: "status", "aria-live": "polite",
      "data-testid": "spoken" });
    let summary = "";

    return {
      panel,
      // The run in a few words; told again only once it has changed.
      summarise(text) {
        if (text === summary) return;
        summary = text;
        setText(panel, text);
      },
      // An answer to what one did; it stands until the run changes.
      say(text) {
        if (text) setText(panel, text);
      },
    };
  }

  viewer.spoken = { createSpeaker };
})();

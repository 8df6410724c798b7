// The words of the viewer: lanes, token states, plots, and what each panel says while it is empty.
(function () {
  "use strict";

  const LANES = [
    ["vanilla", "Vanilla", "one pass of the whole model for each token", [
      ["tokens_per_s", "tokens/s", "tokens per second, prompt included"],
      ["tokens", "tokens", "tokens generated"],
      ["seconds", "seconds", "seconds on this lane's own clock"],
    ]],
    ["swift", "SWIFT", "drafts with fewer sub-layers, verifies with the whole model", [
      ["tokens_per_s", "tokens/s", "tokens per second, prompt included"],
      ["tokens", "tokens", "tokens generated"],
      ["seconds", "seconds", "seconds on this lane's own clock"],
      ["acceptance_rate", "accepted", "acceptance rate: accepted over drafted tokens, both of the chain"],
      ["rescued", "rescued", "tokens accepted from beside the chain, in the place of a rejected one"],
      ["tokens_per_round", "per round", "mean tokens per round, corrected and bonus tokens included"],
    ]],
  ];
  const STATES = [
    ["vanilla", "vanilla token"], ["accepted", "accepted draft"], ["rejected", "rejected draft"],
    ["corrected", "corrected by the target"], ["bonus", "bonus token"],
  ];
  const PLOTS = [
    ["heatmap", "Skipped sub-layers",
      "Each row is one trial, the newest at the bottom: strong blue cells are sub-layers that the draft skips, " +
      "the bars count how often each was skipped, and the strip on top is the incumbent, the best set so far, " +
      "whose trial is framed."],
    ["matchness", "Matchness of trials",
      "Each mark is a skip set, placed by how many recent tokens its draft would have got right; " +
      "the line is the incumbent, and a dashed line a new phase, with what ended the one before."],
    ["confidence", "Draft confidence",
      "Each mark is a drafted token, placed by how sure the draft was; drafting stops after a token " +
      "below the threshold line."],
    ["race", "Tokens over time",
      "The steeper line writes faster; where both are equally high, both texts are equally long."],
    ["time", "Time per token",
      "The shorter bar is the faster lane: its parts are what a token took so far on average, the prompt left out."],
    ["rounds", "Tokens per round",
      "Each step is a round: as high as the tokens it added, the dotted line as high as the drafted chain; " +
      "the bold line is the mean so far."],
    ["calibration", "Calibration",
      "Each bar is the share accepted of the tokens drafted with that confidence, their number on top; a bar " +
      "that ends below the dashed line is a draft too sure of itself."],
  ];
  const RIBBON = {
    empty: ["Ready", "Press Run: the same model writes the same text twice, in two ways."],
    loading: ["Loading", "The model is being loaded."],
    running: ["Live", "Both lanes share one device and take turns; each is shown at its own speed."],
    stopped: ["Stopped", "The run was stopped; what was generated stays."],
    failed: ["Failed", "The run failed; what was generated stays."],
    finished: ["Finished", "Both lanes are done."],
    recorded: ["Recorded run", ""],
  };
  const PACED = (pace) =>
    `Shown at 1/${Math.round(1 / pace)} of real speed, so that the eye can follow; all figures are real.`;
  const WAITING = {
    empty: "Fills while SWIFT runs.",
    loading: "Waiting for the model\u2026",
    running: "Waiting for the first points\u2026",
    stopped: "Stopped before there was anything to plot.",
    failed: "Failed before there was anything to plot.",
    finished: "This run had nothing to plot here.",
    recorded: "This run had nothing to plot here.",
  };
  const LANE_WAITING = {
    empty: "The text appears here.",
    loading: "Waiting for the model\u2026",
    running: "Reading the prompt\u2026",
    stopped: "Stopped before the first token.",
    failed: "Failed before the first token.",
    finished: "No text.",
    recorded: "No text.",
  };
  const ODDS = {
    target: "the target\u2019s probability",
    draft: "the draft\u2019s probability",
    residual: "max(target \u2212 draft, 0): after a rejection the target draws in proportion to it",
  };
  const KEYS = [
    ["Space", "play, pause"], ["\u2190 \u2192", "one token back, on"],
    ["Shift + \u2190 \u2192", "one round back, on"],
    ["Alt + \u2190 \u2192", "one trial back, on"], ["?", "these keys"],
    ["P", "presenter mode, and back"], ["L", "lanes shown in presenter mode"],
    ["PageUp, PageDown", "one trial, while the timeline has the focus"],
    ["Enter", "pick a token of a lane that has the focus; then lock it"],
    ["\u2190 \u2192 \u2191 \u2193", "next token, next round, while a token is picked"],
    ["Escape", "free the locked token; leave presenter mode"],
    ["Home, End", "start, end, while the timeline has the focus"],
  ];

  const LINKS = {
    COPIED: "Link copied. It opens this run at this moment.",
    COPIED_TASK: "Link copied. It opens the task, ready to run; this run itself is only here: keep its trace " +
      "or this page.",
    NO_LINK: "No link leads to this run, it is only here. Keep its trace or this page instead (below the plots).",
    NOT_COPIED: "The browser does not let this page copy. Here is the link:",
    WRONG_MOMENT: (text, most) =>
      `The link\u2019s moment \u201c${text}\u201d is not a number from 0 to ${most}; the whole run is shown.`,
    WRONG_SPEED: (text, speeds) =>
      `The link\u2019s speed \u201c${text}\u201d is none of ${speeds}; it stays at 1\u00d7.`,
  };
  const PRESENTER = {
    PRESENT: "Present",
    LEAVE: "Leave",
    PRESENTING: "Presenter mode. Escape leaves it, L chooses the lanes.",
    PRESENTED: "Presenter mode left.",
  };

  window.SwiftViewer = Object.assign(window.SwiftViewer || {}, {
    words: {
      NONE: "\u2013", LANES, STATES, PLOTS, RIBBON, PACED, WAITING, LANE_WAITING, ODDS, KEYS, ...LINKS, ...PRESENTER,
    },
  });
})();

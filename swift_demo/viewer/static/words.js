// The viewer's words, by the codes that they stand for. They are for people: no code reads them.

export const NONE = "\u2013";

const LANE_FIGURES = [
  { key: "tokens_per_s", label: "tokens/s", explanation: "tokens per second, prompt included" },
  { key: "tokens", label: "tokens", explanation: "tokens generated" },
  { key: "seconds", label: "seconds", explanation: "seconds on this lane's own clock" },
];

export const LANES = [
  {
    name: "vanilla", title: "Vanilla", subtitle: "one pass of the whole model for each token",
    figures: LANE_FIGURES,
  },
  {
    name: "swift", title: "SWIFT", subtitle: "drafts with fewer sub-layers, verifies with the whole model",
    figures: [
      ...LANE_FIGURES,
      { key: "acceptance_rate", label: "accepted",
        explanation: "acceptance rate: accepted over drafted tokens, both of the chain" },
      { key: "rescued", label: "rescued",
        explanation: "tokens accepted from beside the chain, in place of a rejected one" },
      { key: "tokens_per_round", label: "per round",
        explanation: "mean tokens per round, corrected and bonus tokens included" },
    ],
  },
];

export const TOKEN_WORDS = {
  vanilla: "vanilla token",
  accepted: "accepted draft",
  rejected: "rejected draft",
  corrected: "corrected by the target",
  bonus: "bonus token",
  plain: "plain token, nothing drafted",
};
export const NODE_WORDS = { ...TOKEN_WORDS, unjudged: "not judged" };

export const PLOTS = [
  {
    name: "heatmap", title: "Skipped sub-layers",
    caption: "Each row is one trial, the newest at the bottom: strong blue cells are sub-layers that the " +
      "draft skips, the bars count how often each was skipped, and the strip on top is the incumbent, the " +
      "best set so far; the large triangle points to its trial.",
  },
  {
    name: "race", title: "Tokens over time",
    caption: "The steeper line is the faster lane; where both are equally high, both texts are equally long.",
  },
  {
    name: "matchness", title: "Matchness of trials",
    caption: "Each mark is a skip set, placed by how many recent tokens its draft would have got right; " +
      "the line is the incumbent, and a dashed line marks a new phase and what ended the one before.",
  },
  {
    name: "worth", title: "What a token costs",
    caption: "Each point is a weighing of what was measured so far: while the line of the best draft is above " +
      "the dashed one of plain decoding, drafting does not pay, and SWIFT stands aside.",
  },
  {
    name: "confidence", title: "Draft confidence",
    caption: "Each mark is a drafted token, placed by how sure the draft was; drafting stops after a token " +
      "below the threshold line, which moves from token to token where it is measured.",
  },
  {
    name: "time", title: "Time per token",
    caption: "The shorter bar is the faster lane: its parts are the mean times per token so far, without the " +
      "prompt.",
  },
  {
    name: "rounds", title: "Tokens per round",
    caption: "Each step is a round: its height is the tokens it added, the dotted line the drafted chain; the " +
      "bold line is the mean so far.",
  },
  {
    name: "calibration", title: "Calibration",
    caption: "Each bar is the share accepted of the tokens drafted with that confidence, their number on " +
      "top; a bar that ends below the dashed line means that the draft is overconfident.",
  },
];

// What the viewer says in each state of a run.
export const RIBBON = {
  empty: { word: "Ready", text: "Press Run: the same model writes the same text twice, in two ways." },
  loading: { word: "Loading", text: "The model is being loaded." },
  running: { word: "Live",
    text: "Both lanes share one device and take turns; each is shown at its own speed." },
  stopped: { word: "Stopped", text: "The run was stopped; what was generated stays." },
  failed: { word: "Failed", text: "The run failed; what was generated stays." },
  finished: { word: "Finished", text: "Both lanes are done." },
  recorded: { word: "Recorded run", text: "" },
};
export const paceWords = (pace) =>
  `Shown at 1/${Math.round(1 / pace)} of real speed, so that you can follow; all figures are real.`;
export const DRAFTING_WAITING = "Whether drafting pays is said here, once SWIFT has begun.";
export const AGAINST_VANILLA = "against vanilla";

export const PLOT_WAITING = {
  empty: "Fills while SWIFT runs.",
  loading: "Waiting for the model\u2026",
  running: "Waiting for the first points\u2026",
  stopped: "Stopped before there was anything to plot.",
  failed: "Failed before there was anything to plot.",
  finished: "This run had nothing to plot here.",
  recorded: "This run had nothing to plot here.",
};
export const LANE_WAITING = {
  empty: "The text appears here.",
  loading: "Waiting for the model\u2026",
  running: "Reading the prompt\u2026",
  stopped: "Stopped before the first token.",
  failed: "Failed before the first token.",
  finished: "No text.",
  recorded: "No text.",
};
export const BEFORE_FIRST_TOKEN = "Before the first token.";

export const INSPECTOR_WAITING = "Opens with the first round.";
export const INSPECTOR_CAPTION = "Bar: confidence, with the threshold. Figures: draft \u2192 target " +
  "probability. A click holds any token, node, point or row.";
export const ODDS = {
  target: "the target\u2019s probability",
  draft: "the draft\u2019s probability",
  residual: "max(target \u2212 draft, 0): after a rejection the next token is drawn in proportion to it",
};

export const KEYS = [
  { keys: "Space", meaning: "play, pause" },
  { keys: "\u2190 \u2192", meaning: "one token back, forward" },
  { keys: "Shift + \u2190 \u2192", meaning: "one round back, forward" },
  { keys: "Alt + \u2190 \u2192", meaning: "one trial back, forward" },
  { keys: "?", meaning: "this list of keys" },
  { keys: "P", meaning: "enter or leave presenter mode" },
  { keys: "L", meaning: "choose the lanes in presenter mode" },
  { keys: "PageUp, PageDown", meaning: "one trial, while the timeline has the focus" },
  { keys: "Enter", meaning: "in a focused lane, pick a token; then lock it" },
  { keys: "\u2190 \u2192 \u2191 \u2193", meaning: "next token, next round, while a token is picked" },
  { keys: "Escape", meaning: "unlock the token; close this list; leave presenter mode" },
  { keys: "Home, End", meaning: "start, end, while the timeline has the focus" },
];

export const COPIED = "Link copied. It opens this run at this moment.";
export const COPIED_TASK = "Link copied. It opens the task, ready to run; this run itself is only here: " +
  "save its trace or this page.";
export const NO_LINK = "No link leads to this run; it is only here. Save its trace or this page instead " +
  "(below the plots).";
export const NOT_COPIED = "The browser does not let this page copy. Here is the link:";
export const wrongMoment = (text, most) =>
  `The link\u2019s moment \u201c${text}\u201d is not a number from 0 to ${most}; the whole run is shown.`;
export const wrongSpeed = (text, speeds) =>
  `The link\u2019s speed \u201c${text}\u201d is not one of ${speeds.join(", ")}; it stays at 1\u00d7.`;

export const PRESENT = "Present";
export const LEAVE = "Leave";
export const PRESENTING = "Presenter mode. Escape leaves it, L chooses the lanes.";
export const PRESENTED = "Left presenter mode.";

// Saves files of the run that is shown, and opens traces.
import { build, setText } from "./elements.js";
import { isOver, isUnderWay } from "./run.js";

const FILE_KINDS = [
  { kind: "trace", name: "Trace", explanation: "every event of the run, as JSON lines",
    type: "application/jsonl" },
  { kind: "metrics", name: "Metrics", explanation: "the numbers of both lanes, as CSV", type: "text/csv" },
  { kind: "skip-set", name: "Skip set", explanation: "the incumbent, as JSON", type: "application/json" },
  { kind: "html", name: "This page", explanation: "the run with its viewer in one file that needs no network",
    type: "text/html" },
];

function save({ name, text }, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function base64Of(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

// `services` as in viewer.js; what is not there has no control.
export function createFiles(services, current, say) {
  const message = build("p", { class: "sv-file-message", "data-testid": "file-message" });

  // One at a time: a failure is reported, and what was shown stays.
  async function attempt(words, work) {
    setText(message, words);
    try {
      const { error } = await work();
      setText(message, error || "");
    } catch (error) {
      setText(message, "That did not work: " + (error.message || "no answer") + ".");
    }
    say(message.textContent);
    message.toggleAttribute("data-refused", Boolean(message.textContent));
  }

  const offered = FILE_KINDS.filter(({ kind }) =>
    services.file && (!services.kinds || services.kinds.includes(kind)));
  const buttons = offered.map(({ kind, name, explanation, type }) => {
    const button = build("button", { type: "button", class: "sv-button", title: explanation,
      "data-testid": "export-" + kind }, "\u2913 " + name);
    button.addEventListener("click", () => attempt("Making the file\u2026", async () => {
      const answer = await services.file(current().id, kind);
      if (!answer.error) save(answer, type);
      return answer;
    }));
    return button;
  });

  const input = build("input", { type: "file", accept: ".jsonl", class: "sv-hidden", tabindex: "-1",
    "aria-label": "trace file", "data-testid": "open-trace" });
  const open = build("button", { type: "button", class: "sv-button" }, "Open a trace\u2026");
  open.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (!file) return;
    attempt("Reading " + file.name + "\u2026", async () => services.open(file.name, await base64Of(file)))
      .then(() => { input.value = ""; });
  });

  const panel = build("section", { class: "sv-files", "aria-label": "Files" }, ...buttons,
    ...(services.open ? [open, input] : []), message);
  panel.hidden = !panel.querySelector("button");

  function draw() {
    const { state } = current();
    for (const button of buttons) button.disabled = !isOver(state);
    open.disabled = isUnderWay(state);
  }

  return { panel, draw };
}

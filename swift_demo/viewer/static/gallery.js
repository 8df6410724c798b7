// The recorded runs, a button each: it opens its run at once, and nothing is computed.
import { build } from "./elements.js";
import { isUnderWay } from "./run.js";

// `services.recorded` lists the runs as cards (see value.py); `current` gives {id, state}.
export function createGallery(services, current, player) {
  const runs = services.recorded || [];
  const kinds = [...new Set(runs.map((run) => run.kind))];
  const tasks = [...new Map(runs.map((run) => [run.task, run])).values()]; // a run of each
  const buttons = runs.map((run) => {
    const button = build("button", { type: "button", class: "sv-run", title: run.about,
      "aria-label": run.about, "data-testid": "recorded-" + run.name }, run.speedup);
    button.addEventListener("click", () => {
      if (run.name === current().id) player.follow(); // it is here: show it whole
      services.openRecorded(run.name);
    });
    return button;
  });

  const cell = (task, kind) => {
    const at = runs.findIndex((run) => run.task === task && run.kind === kind);
    return build("td", {}, ...(at < 0 ? [] : [buttons[at]]));
  };
  const panel = build("table", { class: "sv-gallery", "data-testid": "gallery" },
    build("caption", {}, services.caption || "Recorded runs"),
    build("thead", {}, build("tr", {}, build("td", {}),
      ...kinds.map((kind) => build("th", { scope: "col" }, kind)))),
    build("tbody", {}, ...tasks.map(({ task, label }) => build("tr", {}, build("th", { scope: "row" }, label),
      ...kinds.map((kind) => cell(task, kind))))));
  panel.hidden = !runs.length;

  function draw() {
    const { id, state } = current();
    buttons.forEach((button, i) => {
      button.disabled = isUnderWay(state);
      button.setAttribute("aria-pressed", String(runs[i].name === id));
    });
  }

  return { panel, draw };
}

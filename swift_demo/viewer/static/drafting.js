// Above the lanes: whether drafting pays on this model and text, in one sentence.
import { build, setText } from "./elements.js";
import { DRAFTING_WAITING } from "./words.js";

export function createDrafting() {
  const text = build("p", { "data-testid": "drafting-sentence" });
  const panel = build("section", { class: "sv-drafting", "aria-label": "Does drafting pay?" }, text);

  // The row of "drafting" at the moment shown, or null.
  function draw(row) {
    setText(text, row ? row.text : DRAFTING_WAITING);
    panel.dataset.drafts = row ? row.drafts : "waiting";
  }

  return { panel, draw };
}

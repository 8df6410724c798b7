// What a screen reader announces: in one place, politely, and only what is worth an interruption.
import { build, setText } from "./elements.js";

export function createSpeaker() {
  const panel = build("div", { class: "sv-hidden", role: "status", "aria-live": "polite",
    "data-testid": "spoken" });
  let told = "";

  return {
    panel,
    // The run in a few words; announced again only once one of its `codes` has changed.
    summarise(codes, text) {
      const key = JSON.stringify(codes);
      if (key === told) return;
      told = key;
      setText(panel, text);
    },
    // A reply to the visitor's action; it stays until the run changes.
    say(text) {
      if (text) setText(panel, text);
    },
  };
}

// What a screen reader is told: in one place, politely, and only what is worth an interruption.
import { build, setText } from "./elements.js";

export function createSpeaker() {
  const panel = build("div", { class: "sv-hidden", role: "status", "aria-live": "polite",
    "data-testid": "spoken" });
  let told = "";

  return {
    panel,
    // The run in a few words; told again only once one of the `codes` of what it says has changed.
    summarise(codes, text) {
      const key = JSON.stringify(codes);
      if (key === told) return;
      told = key;
      setText(panel, text);
    },
    // An answer to what one did; it stands until the run changes.
    say(text) {
      if (text) setText(panel, text);
    },
  };
}

// The timeline: play, step, scrub, speed, by pointer and by keyboard; phases as bands along it.
import { build, onKeys, setText } from "./elements.js";
import { SPEEDS } from "./player.js";
import { endTime, newest, numEvents, phaseBands, STEP_KINDS } from "./run.js";
import { KEYS } from "./words.js";

function stepButtons(kind, player) {
  const button = (direction, word, sign, hook) => {
    const element = build("button", { type: "button", class: "sv-button", "aria-label": `one ${kind} ${word}`,
      "data-testid": `${hook}-${kind}` }, sign);
    element.addEventListener("click", () => player.step(kind, direction));
    return element;
  };
  return build("div", { class: "sv-step", role: "group", "aria-label": kind },
    button(-1, "back", "\u2039", "back"), build("span", {}, kind), button(1, "forward", "\u203a", "on"));
}

function timelineElements(player) {
  const play = build("button", { type: "button", class: "sv-button sv-play", "data-testid": "play" });
  const slider = build("input", { type: "range", min: "0", max: "1", step: "any", value: "0",
    class: "sv-slider", "aria-label": "moment of the run", "data-testid": "scrub" });
  const bands = build("div", { class: "sv-bands", "aria-hidden": "true" });
  const where = build("div", { class: "sv-where", "data-testid": "moment" });
  const speed = build("select", { class: "sv-button", "aria-label": "speed", "data-testid": "speed",
    title: "speed of the run's own clock" },
    ...SPEEDS.map((value) => build("option", { value }, value + "\u00d7")));
  const live = build("button", { type: "button", class: "sv-button", "data-testid": "live" });
  const help = build("button", { type: "button", class: "sv-button", "aria-label": "keys",
    "aria-expanded": "false", "data-testid": "help" }, "?");
  const keys = build("dl", { class: "sv-keys", hidden: "" }, ...KEYS.map(({ keys: names, meaning }) =>
    build("div", {}, build("dt", {}, build("kbd", {}, names)), build("dd", {}, meaning))));
  const panel = build("section", { class: "sv-timeline", "aria-label": "Timeline" },
    build("div", { class: "sv-scrub" }, bands, slider),
    build("div", { class: "sv-transport" }, play,
      build("div", { class: "sv-steps" }, ...STEP_KINDS.map((kind) => stepButtons(kind, player))), where,
      speed, live, help), keys);
  const steps = [play, slider, ...panel.querySelectorAll(".sv-step button")];
  return { panel, play, slider, bands, where, speed, live, help, keys, steps };
}

// What a key does. Keys that scroll a page are the timeline's only while it has the focus.
function actionOfKey(event, player, { toggle: toggleHelp, close, isOpen }, hasFocus, isButton) {
  const kind = event.altKey ? "trial" : event.shiftKey ? "round" : "token";
  switch (event.key) {
    case "ArrowLeft": return () => player.step(kind, -1);
    case "ArrowRight": return () => player.step(kind, 1);
    case "?": return toggleHelp;
    case "Escape": return isOpen() ? close : null;
    case " ": return isButton ? null : player.toggle;
    case "PageUp": return hasFocus ? () => player.step("trial", -1) : null;
    case "PageDown": return hasFocus ? () => player.step("trial", 1) : null;
    case "Home": return hasFocus ? () => player.goTo(0) : null;
    case "End": return hasFocus ? player.follow : null;
    default: return null;
  }
}

function listenToControls(root, { panel, play, slider, speed, live, help, keys }, player) {
  const showKeys = (isShown) => {
    keys.hidden = !isShown;
    help.setAttribute("aria-expanded", String(isShown));
  };
  const list = { toggle: () => showKeys(keys.hidden), close: () => showKeys(false), isOpen: () => !keys.hidden };
  play.addEventListener("click", player.toggle);
  slider.addEventListener("input", () => player.seek(Number(slider.value)));
  speed.addEventListener("change", () => player.setSpeed(Number(speed.value)));
  live.addEventListener("click", player.follow);
  help.addEventListener("click", list.toggle);
  onKeys(root, (event) => {
    // In presenter mode there is nothing else that these keys could move.
    const hasFocus = panel.contains(event.target) || "presents" in root.dataset;
    return actionOfKey(event, player, list, hasFocus, event.target.closest("button"));
  });
  return list.close;
}

// `current` returns {data, state, isGrowing}; `more` comes after the other controls.
export function createTimeline(root, player, current, more) {
  const all = timelineElements(player);
  all.panel.querySelector(".sv-transport").append(...more);
  let drawnBands = "";

  function drawBands(data, end) {
    const bands = phaseBands(data);
    const shown = JSON.stringify([bands, end]);
    if (shown === drawnBands) return;
    drawnBands = shown;
    all.bands.replaceChildren(...bands.map(({ phase, start, end: stop }) => {
      const band = build("span", { "data-phase": phase, title: phase }, phase);
      band.style.left = (100 * start) / (end || 1) + "%";
      band.style.width = (100 * (stop - start)) / (end || 1) + "%";
      return band;
    }));
  }

  function draw() {
    const { data, isGrowing } = current();
    const { moment, time, isPlaying, isFollowing, speed, pace } = player.now();
    const isAtEnd = isFollowing && pace === null;
    const end = endTime(data);
    const isEmpty = !numEvents(data);
    for (const control of all.steps) control.disabled = isEmpty;
    all.speed.value = String(speed);
    all.live.disabled = isEmpty || isAtEnd;
    setText(all.live, isGrowing ? "\u25cf Live" : "End");
    all.live.toggleAttribute("data-on", isGrowing && isAtEnd);
    setText(all.play, isPlaying ? "\u275a\u275a Pause" : "\u25b6\ufe0e Play");
    all.slider.max = String(end || 1);
    all.slider.value = String(time);
    const { round } = newest(data, "tokens.swift", moment) || { round: 0 };
    const { trial } = newest(data, "trials", moment) || { trial: 0 };
    const where = `${time.toFixed(2)} of ${end.toFixed(2)} s \u00b7 round ${round} \u00b7 trial ${trial}`;
    setText(all.where, isEmpty ? "" : where);
    all.slider.setAttribute("aria-valuetext", where);
    drawBands(data, end);
  }

  const closeKeys = listenToControls(root, all, player);
  return { panel: all.panel, draw, closeKeys };
}

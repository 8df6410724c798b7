// Links to a run at a moment and a speed. The page's address follows what is shown; when the page opens, it
// does what its address asks for.
import { build, setText } from "./elements.js";
import { SPEEDS } from "./player.js";
import { numEvents } from "./run.js";
import { COPIED, COPIED_TASK, NOT_COPIED, NO_LINK, wrongMoment, wrongSpeed } from "./words.js";

const OURS = ["run", "preset", "moment", "speed"];
const ADDRESS_INTERVAL_MS = 500; // browsers limit how often the address may change
const MOST_SHOWN = 20; // characters of what somebody wrote into the address

// A task names no run, so its moments cannot be named either.
const hasMoments = (link) => Boolean(link) && !("preset" in link);

// The query for what is shown; other parameters stay.
export function queryOf(query, { link, moment, isFollowing, speed }) {
  const made = new URLSearchParams(query);
  OURS.forEach((name) => made.delete(name));
  for (const [name, value] of Object.entries(link || {})) made.set(name, value);
  if (hasMoments(link) && !isFollowing) made.set("moment", moment);
  if (speed !== 1) made.set("speed", speed);
  return made.toString();
}

// What a query asks for beside the run: {moment, speed}, each if given; `notices` say what cannot be done.
export function wishesOf(query, { data, link }) {
  const asked = new URLSearchParams(query);
  const wishes = { notices: [] };
  if (asked.has("speed")) {
    const text = asked.get("speed");
    const speed = Number(text);
    if (SPEEDS.includes(speed)) wishes.speed = speed;
    else wishes.notices.push(wrongSpeed(text.slice(0, MOST_SHOWN), SPEEDS));
  }
  if (asked.has("moment") && hasMoments(link)) {
    const text = asked.get("moment");
    const moment = Number(text);
    if (/^\d+$/.test(text) && moment <= numEvents(data)) wishes.moment = moment;
    else wishes.notices.push(wrongMoment(text.slice(0, MOST_SHOWN), numEvents(data)));
  }
  return wishes;
}

const addressOf = (query) =>
  window.location.pathname + (query ? "?" + query : "") + window.location.hash;

function linkElements() {
  const button = build("button", { type: "button", class: "sv-button", "aria-expanded": "false",
    "data-testid": "copy-link" }, "Copy link");
  const sentence = build("p", {});
  const field = build("input", { type: "text", class: "sv-link", readonly: "", "aria-label": "link",
    "data-testid": "link" });
  const bubble = build("div", { class: "sv-bubble", hidden: "", "data-testid": "link-bubble" },
    sentence, field);
  return { button, sentence, field, bubble };
}

// Whether the browser let us: the page may be served insecurely, or copying may not be allowed.
async function copyText(text) {
  try {
    await window.navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// `current` returns {data, link, moment, isFollowing, speed}; `say` tells a screen reader.
export function createLinks(current, player, say) {
  const { button, sentence, field, bubble } = linkElements();
  let isOpened = false;
  let written = "";
  let timer = null;

  const queryNow = () => queryOf(window.location.search, current());

  function write() {
    timer = null;
    const query = queryNow();
    if (query === written) return;
    written = query;
    window.history.replaceState(window.history.state, "", addressOf(query));
  }

  // The address follows a moment later; one that was only opened is left as it is.
  function note() {
    if (isOpened && timer === null) timer = setTimeout(write, ADDRESS_INTERVAL_MS);
  }

  // The first run is here: go where the address says. Returns sentences on what was wrong with it.
  function open(notice) {
    isOpened = true;
    const query = new URLSearchParams(window.location.search);
    if (notice) query.delete("moment"); // it belongs to another run
    const { notices, moment, speed } = wishesOf(query, current());
    if (speed !== undefined) player.setSpeed(speed);
    if (moment !== undefined) player.goTo(moment);
    written = queryNow();
    return [notice, ...notices].filter(Boolean).join(" ");
  }

  function close() {
    bubble.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }

  async function copy() {
    const { link } = current();
    field.value = new URL(addressOf(queryNow()), window.location.href).href;
    const isCopied = Boolean(link) && await copyText(field.value);
    const copied = hasMoments(link) ? COPIED : COPIED_TASK;
    const words = !link ? NO_LINK : isCopied ? copied : NOT_COPIED;
    field.hidden = !link;
    bubble.hidden = false;
    button.setAttribute("aria-expanded", "true");
    setText(sentence, words);
    say(words);
    if (link && !isCopied) field.select();
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
    button.disabled = !numEvents(current().data);
  }

  return { button, bubble, note, open, draw };
}

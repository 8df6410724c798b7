// Presenter mode: only the race, full screen, in type readable from the back row. Its controls are the
// timeline's, which appear when the pointer moves or the keyboard reaches them.
import { build, onKeys, setText } from "./elements.js";
import { LEAVE, PRESENT, PRESENTED, PRESENTING } from "./words.js";

const AWAKE_MS = 2500;
const LANE_CHOICES = [
  { name: "both", word: "Both" }, { name: "vanilla", word: "Vanilla" }, { name: "swift", word: "SWIFT" },
];

// Everything beside the element or beside one of its ancestors that is not inert already.
function othersThan(element) {
  const found = [];
  for (let at = element; at.parentElement && at !== document.body; at = at.parentElement) {
    found.push(...[...at.parentElement.children].filter((other) => other !== at && !other.inert));
  }
  return found;
}

function presenterElements() {
  const button = build("button", { type: "button", class: "sv-button sv-present", "data-testid": "present" });
  const choices = LANE_CHOICES.map(({ name, word }) => build("button", { type: "button", class: "sv-button",
    "data-shows": name, "data-testid": "present-" + name }, word));
  const lanes = build("div", { class: "sv-present-lanes", role: "group", "aria-label": "lanes shown" },
    ...choices);
  return { button, choices, lanes };
}

// `onLeave` is called when the page has its size again.
export function createPresenter(root, say, onLeave) {
  const { button, choices, lanes } = presenterElements();
  let shows = "both";
  let inert = [];
  let scrolledTo = 0;
  let timer = null;

  const isOn = () => "presents" in root.dataset;

  // The newest text stays in sight when the lanes change size.
  function draw() {
    if (isOn()) root.dataset.presents = shows;
    lanes.hidden = !isOn();
    setText(button, isOn() ? LEAVE : PRESENT);
    for (const choice of choices) {
      choice.setAttribute("aria-pressed", String(choice.dataset.shows === shows));
      choice.toggleAttribute("data-on", choice.dataset.shows === shows);
    }
    for (const text of root.querySelectorAll(".sv-text")) text.scrollTop = text.scrollHeight;
  }

  function wake() {
    if (!isOn()) return;
    root.dataset.awake = "";
    clearTimeout(timer);
    timer = setTimeout(() => { delete root.dataset.awake; }, AWAKE_MS);
  }

  async function fillScreen() {
    try {
      await document.documentElement.requestFullscreen();
    } catch {
      return; // the window is filled, if not the screen
    }
    if (!isOn()) document.exitFullscreen();
  }

  function enter() {
    scrolledTo = window.scrollY;
    root.dataset.presents = shows;
    document.documentElement.classList.add("sv-presenting");
    inert = othersThan(root);
    for (const other of inert) other.inert = true;
    draw();
    wake();
    root.tabIndex = -1;
    root.focus({ preventScroll: true }); // not on a control: they hide
    say(PRESENTING);
    if (!document.fullscreenElement) fillScreen();
  }

  function leave() {
    delete root.dataset.presents;
    delete root.dataset.awake;
    document.documentElement.classList.remove("sv-presenting");
    for (const other of inert) other.inert = false;
    inert = [];
    draw();
    root.removeAttribute("tabindex");
    if (document.fullscreenElement === document.documentElement) document.exitFullscreen();
    window.scrollTo(0, scrolledTo);
    button.focus({ preventScroll: true });
    say(PRESENTED);
    onLeave();
  }

  function show(name) {
    shows = name;
    draw();
  }

  function showNext() {
    const at = LANE_CHOICES.findIndex(({ name }) => name === shows);
    show(LANE_CHOICES[(at + 1) % LANE_CHOICES.length].name);
  }

  const toggle = () => (isOn() ? leave() : enter());

  button.addEventListener("click", toggle);
  for (const choice of choices) choice.addEventListener("click", () => show(choice.dataset.shows));
  for (const kind of ["pointermove", "pointerdown"]) root.addEventListener(kind, wake);
  onKeys(root, ({ key, altKey }) => {
    if (altKey) return null;
    if (key === "p" || key === "P") return toggle;
    if (!isOn()) return null;
    return key === "Escape" ? leave : key === "l" || key === "L" ? showNext : null;
  });
  // The browser takes Escape for itself while a page fills the screen.
  document.addEventListener("fullscreenchange", () => {
    if (isOn() && !document.fullscreenElement) leave();
  });
  draw();
  return { button, lanes, isOn };
}

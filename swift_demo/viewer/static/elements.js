// Elements of the page, and how often they are drawn.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

export function build(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function buildSvg(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let isPainting = false;

// Draws on request, in a frame of the browser, and never more often than the interval then allows. What one
// drawing requests is drawn in the same frame.
export function painter(draw, intervalMs) {
  let last = -Infinity;
  let timer = null;
  let hasFrame = false;
  const drawNow = () => {
    hasFrame = false;
    last = performance.now();
    draw();
  };
  const paint = () => {
    timer = null;
    if (isPainting) {
      drawNow();
      return;
    }
    hasFrame = true;
    requestAnimationFrame(() => {
      isPainting = true;
      try {
        drawNow();
      } finally {
        isPainting = false;
      }
    });
  };
  return () => {
    if (hasFrame) return;
    clearTimeout(timer);
    const wait = last + intervalMs() - performance.now();
    if (wait > 0) timer = setTimeout(paint, wait);
    else paint();
  };
}

function isField(element) {
  return element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
    (element.tagName === "INPUT" && !element.classList.contains("sv-slider"));
}

// Keys pressed on the page or inside `root`, but not in a field; `actionOf` returns what to do, or null.
export function onKeys(root, actionOf) {
  const onKey = (event) => {
    if (!root.isConnected) {
      document.removeEventListener("keydown", onKey);
      return;
    }
    const { target } = event;
    const isHere = target === document.body || root.contains(target);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || !isHere || isField(target)) return;
    const act = actionOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", onKey);
}

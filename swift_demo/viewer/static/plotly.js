// Plotly, which is large and may arrive later than these scripts.

export const plotlyNow = () => window.Plotly || null;

// Calls `then` once plotly is there: now, or when its script has loaded. The "load" of a script does not
// bubble, so it is caught on its way down.
export function whenPlotly(then) {
  if (plotlyNow()) {
    then();
    return;
  }
  const onLoad = () => {
    if (!plotlyNow()) return; // another script
    document.removeEventListener("load", onLoad, { capture: true });
    then();
  };
  document.addEventListener("load", onLoad, { capture: true });
}

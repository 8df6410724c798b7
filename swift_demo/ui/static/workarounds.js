// See workarounds.py. Gradio's loading sign requests a frame in each frame, and continues after it is gone. It
// reads the clock just before it requests one, so for one frame the clock tells us of it; browsers number
// requests one by one, so the number of its next request is known, and that one is cancelled.
requestAnimationFrame(() => {
  const now = performance.now.bind(performance);
  performance.now = () => {
    if (/\/statustracker\b/.test(new Error().stack)) {
      const number = requestAnimationFrame(() => {});
      queueMicrotask(() => cancelAnimationFrame(number + 1));
    }
    return now();
  };
  requestAnimationFrame(() => { delete performance.now; });
});

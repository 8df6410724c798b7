// See workarounds.py. Gradio's loading sign asks for a frame in each frame, and goes on when it is gone. It reads the
// clock just before it asks, so for one frame the clock tells us of it; browsers number wishes one by one, so the
// number of its next one is known, and that one is taken back.
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

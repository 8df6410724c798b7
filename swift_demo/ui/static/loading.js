// Gradio's loading sign asks for a frame in each frame, and goes on for ever when it is gone (6.31): sixty a second,
// with nothing new in them. It reads the clock just before it asks, and wishes for frames are numbered one by one, so
// the number of its next one is known, and that one is taken back.
(() => {
  const now = performance.now.bind(performance);
  performance.now = () => {
    if (/\/statustracker\b/.test(new Error().stack)) {
      delete performance.now;
      const number = requestAnimationFrame(() => {});
      queueMicrotask(() => cancelAnimationFrame(number + 1));
    }
    return now();
  };
})();

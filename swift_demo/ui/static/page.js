// Stable hooks for tests and assistive tools on controls whose markup is not ours.
(() => {
  const hooks = { run: "run", stop: "stop" };
  const mark = () => {
    let missing = 0;
    for (const [id, hook] of Object.entries(hooks)) {
      const element = document.getElementById(id);
      if (element) element.dataset.testid = hook;
      else missing += 1;
    }
    if (missing) setTimeout(mark, 100);
  };
  mark();
})();

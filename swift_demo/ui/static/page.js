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

  // A link to what is folded away opens it. The page has a base address, so left alone it would load the page anew.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("a[href='#how']")) return;
    event.preventDefault();
    window.location.hash = "how";
    const how = document.getElementById("how");
    if (how.querySelector("[data-testid='accordion-content']").style.display !== "none") return;
    how.querySelector("button").click();
    new ResizeObserver(([{ contentRect }], observer) => {
      if (contentRect.height < 100) return; // not unfolded yet
      observer.disconnect();
      how.scrollIntoView();
    }).observe(how);
  });
})();

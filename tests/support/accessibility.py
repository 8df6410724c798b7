"""axe-core's verdict on a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import axe_playwright_python

AT_REST = """() => !document.getAnimations().some((animation) =>
  animation instanceof CSSTransition && animation.playState === 'running')"""
REDRAWN = """() => [...document.querySelectorAll('.sv-plot')].every((plot) => !plot.data ||
  plot.layout.font.color === getComputedStyle(plot).getPropertyValue('--sv-ink').trim())"""
RUN = """async () => {
  const { violations } = await axe.run({ resultTypes: ['violations'] });
  return violations.map(({ id, impact, nodes }) => [impact, id, nodes.map((node) => node.html.slice(0, 200))]);
}"""


@cache
def _script() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(page, is_dark):
    """What axe-core calls serious or critical, in the dark or by day."""
    page.evaluate("isDark => document.body.classList.toggle('dark', isDark)", is_dark)
    if page.locator(".sv-plot").first.is_visible():
        page.wait_for_function(REDRAWN)
    page.wait_for_function(AT_REST)  # colours on their way may be hard to read
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_script() + "; 0")
    return [found for found in page.evaluate(RUN) if found[0] in ("serious", "critical")]

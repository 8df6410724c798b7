"""A visitor's browser page, in the words of the demo."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

LANES = ("vanilla", "swift")
PLOTS = ("heatmap", "matchness", "confidence")
SHORT_PROMPT = "Once upon a time there was a small fox."

_FIRST_STATE = "() => ['recorded', 'empty'].includes(document.querySelector('.swift-viewer')?.dataset.state)"
_COUNTS = """() => {
  const tokens = (lane) => document.querySelectorAll(`[data-testid=lane-${lane}] .sv-token`).length;
  const points = (plot) => (document.querySelector(`[data-testid=plot-${plot}]`).data || [])
    .filter((trace) => trace.type === 'heatmap' ? trace.yaxis !== 'y'
      : trace.type !== 'bar' && trace.hoverinfo !== 'skip')
    .reduce((sum, trace) => sum + (trace.z || trace.x || []).length, 0);
  return {
    state: document.querySelector('.swift-viewer').dataset.state,
    vanilla: tokens('vanilla'), swift: tokens('swift'),
    heatmap: points('heatmap'), matchness: points('matchness'), confidence: points('confidence'),
  };
}"""
_HAVE_GROWN = f"""(before) => {{
  const now = ({_COUNTS})();
  return Object.keys(before).every((key) => key === 'state' || now[key] > before[key]) && now;
}}"""
_ARE = f"""(wanted) => {{
  const now = ({_COUNTS})();
  return Object.keys(wanted).every((key) => now[key] === wanted[key]);
}}"""
_AT_REST = """() => !document.getAnimations().some((animation) =>
  animation instanceof CSSTransition && animation.playState === 'running')"""
_MARK_OLD = "() => document.querySelectorAll('.sv-text .sv-token').forEach((token) => token.dataset.old = '')"
_NO_OLD = "() => !document.querySelector('.sv-text [data-old]')"
_TEXT = "spans => spans.map((span) => span.textContent).join('')"


class Visit:
    """One visitor's page.

    Attributes:
        problems: What must never happen: scripts in texts, errors in the console, foreign requests.
    """

    def __init__(self, page: Page):
        self.page = page
        self.problems: list[str] = []
        self.run = page.locator("#run")
        self.stop = page.locator("#stop")
        self.viewer = page.locator(".swift-viewer")
        self.ribbon = page.get_by_test_id("ribbon")
        self.speedup = page.get_by_test_id("speedup")
        self.identical = page.get_by_test_id("identical")
        self.prompt = page.get_by_role("textbox", name="Prompt")
        self.chips = page.locator("#chips li")
        self.maker = page.locator("#maker p")
        self.model_message = page.locator("#model-message")
        self._settings = page.locator("#settings")
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._hear)
        page.on("dialog", self._refuse)
        page.on("request", lambda request: self._watch(request.url))
        page.on("websocket", lambda socket: self._watch(socket.url))

    def open(self, url: str) -> None:
        """Go there and wait until the page has shown what it shows first."""
        self.page.goto(url)
        self.page.wait_for_function(_FIRST_STATE)
        expect(self.run).to_be_enabled()
        expect(self.chips).to_have_count(3)

    def lane(self, name: str) -> Locator:
        return self.page.get_by_test_id(f"lane-{name}")

    def plot(self, name: str) -> Locator:
        return self.page.get_by_test_id(f"plot-{name}")

    def text(self, lane: str) -> str:
        """A lane's text without the ghosts of rejected drafts."""
        return self.page.eval_on_selector_all(
            f"[data-testid=lane-{lane}] .sv-token:not([data-state=rejected])", _TEXT
        )

    def states(self, lane: str) -> set[str]:
        """What became of the lane's tokens."""
        tokens = f"[data-testid=lane-{lane}] .sv-token"
        return set(self.page.eval_on_selector_all(tokens, "spans => spans.map((span) => span.dataset.state)"))

    def counts(self) -> dict[str, Any]:
        """The state of the run, the tokens in each lane, the points in each plot."""
        return self.page.evaluate(_COUNTS)

    def wait_until_grown(self, before: dict[str, Any]) -> dict[str, Any]:
        """Wait until every given count is larger than before; all counts of that moment."""
        return self.page.wait_for_function(_HAVE_GROWN, arg=before).json_value()

    def wait_until_counts_are(self, wanted: dict[str, Any]) -> None:
        """Wait until every given count is what is wanted."""
        self.page.wait_for_function(_ARE, arg=wanted)

    def start(self, prompt: str | None = None) -> None:
        """Press Run, with a prompt of one's own or the one that is there."""
        if prompt is not None:
            self.prompt.fill(prompt)
        self.page.evaluate(_MARK_OLD)
        self.run.click()

    def wait_until_the_old_run_is_gone(self) -> None:
        """Wait until nothing is left of what the lanes showed when Run was pressed."""
        self.page.wait_for_function(_NO_OLD)

    def wait_until_there_is_something(self) -> None:
        """Wait until a run goes on and there are events of it, shown or not."""
        self.wait_until_the_old_run_is_gone()
        self.wait_for("running")
        expect(self.page.get_by_test_id("play")).to_be_enabled()

    def wait_for(self, state: str) -> None:
        """Wait until the run is in that state, and the page has drawn it all."""
        expect(self.viewer).to_have_attribute("data-state", re.compile(state))
        if state in ("finished", "stopped", "failed"):
            expect(self.run).to_be_enabled()
            expect(self.stop).to_be_disabled()

    def finish(self, prompt: str | None = None) -> None:
        """Press Run and wait for the end."""
        self.start(prompt)
        self.wait_until_the_old_run_is_gone()
        self.wait_for("finished")

    def set(
        self, *choices: str, pace: str | None = "real time", search: bool | None = None, **numbers: float
    ) -> None:
        """Open the settings, change some of them, and close the settings again; choices by their own labels."""
        self.open_settings()
        for choice in (*choices, *([] if pace is None else [pace])):
            self._settings.get_by_label(choice, exact=True).check()
        if search is not None:
            self._settings.get_by_label("Search", exact=True).set_checked(search)
        for name, value in numbers.items():
            field = self._settings.get_by_label(f"number input for {name.replace('_', ' ').capitalize()}")
            field.fill(str(value))
            field.blur()
        self.close_settings()

    def load_model(self, name: str) -> None:
        """Ask for another model; the message tells what comes of it."""
        self.open_settings()
        self.page.locator("#model-name").get_by_role("textbox").fill(name)
        self.page.locator("#load-model").click()
        expect(self.model_message).to_contain_text(re.compile("is ready|stays loaded"))
        self.close_settings()

    def open_settings(self) -> None:
        self._toggle_settings(True)

    def close_settings(self) -> None:
        self._toggle_settings(False)

    def _toggle_settings(self, is_open: bool) -> None:
        opened = re.compile(r"\bopen\b")
        if bool(opened.search(self._settings.get_attribute("class") or "")) != is_open:
            name = "Settings" if is_open else "Close the settings"
            self.page.get_by_role("button", name=name, exact=True).click()
        assertion = expect(self._settings)
        (assertion.to_have_class if is_open else assertion.not_to_have_class)(opened)
        self.page.wait_for_function(_AT_REST)

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _refuse(self, dialog: Any) -> None:
        self.problems.append(f"a script in a text ran: {dialog.message}")
        dialog.dismiss()

    def _watch(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.problems.append(f"request to {url}")

"""``python app.py`` as a process, from its start until it answers, to its end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_DEADLINE_S = 120


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def offline_environment(scratch: Path) -> dict[str, str]:
    """This process's environment, but with a Hub that refuses every connection."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "SPACE_ID", "PORT"):
        environment.pop(name, None)
    return environment | {
        "HF_ENDPOINT": f"http://127.0.0.1:{free_port()}",
        "HF_HOME": str(scratch / "hub"),
        "NO_PROXY": "*",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "GRADIO_TEMP_DIR": str(scratch / "gradio"),
    }


class RunningApp:
    """A context in which the app serves its page.

    Args:
        scratch: Where it keeps its log and its caches.
        arguments: Of the command line, besides the port.
        root: The checkout that it runs from.
        environment: What is otherwise there.
    """

    def __init__(self, scratch: Path, *arguments: str, root: Path = ROOT, **environment: str):
        self.url = f"http://127.0.0.1:{(port := free_port())}/"
        self._log = scratch / "app.log"
        self._command = [sys.executable, "app.py", "--port", str(port), *arguments]
        self._root = root
        self._environment = offline_environment(scratch) | environment

    def __enter__(self) -> RunningApp:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._root, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()
        assert "Traceback" not in self.log, self.log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url, timeout=START_DEADLINE_S) as answer:
                    assert answer.status == 200
                    return
            except urllib.error.URLError:
                try:
                    self._process.wait(0.2)
                except subprocess.TimeoutExpired:
                    continue
                raise AssertionError(f"the app ended instead of answering:\n{self.log}") from None
        raise AssertionError(f"no answer within {START_DEADLINE_S} s:\n{self.log}")

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

"""Visitors of the page without a browser: they queue a run and wait for its end, at next to no cost."""

from __future__ import annotations

import json
import threading
import urllib.request
import uuid
from typing import Any

_API = "/gradio_api"
TIMEOUT_S = 120


class Sessions:
    """Visitors of one app, each with a session of its own.

    Each has a thread that blocks until the server sends something. Gradio's own client would poll instead, on
    the very cores that decode.
    """

    def __init__(self, url: str):
        self._url = url
        parameters = self._get(f"{_API}/info")["named_endpoints"]["/run"]["parameters"]
        self._values = {p["parameter_name"]: p.get("parameter_default") for p in parameters}
        dependencies = self._get("/config")["dependencies"]
        self._number = next(d["id"] for d in dependencies if d["api_name"] == "run")

    def queue(self, **settings: Any) -> Session:
        """One more visitor presses Run; settings are those of the page, by their names there."""
        values = self._values | {"prompt": "Once upon a time", "pace": "real time"} | settings
        name = uuid.uuid4().hex
        body = {"data": list(values.values()), "fn_index": self._number, "session_hash": name}
        request = urllib.request.Request(
            f"{self._url}{_API}/queue/join", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=TIMEOUT_S).close()
        return Session(f"{self._url}{_API}/queue/data?session_hash={name}")

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(self._url + path, timeout=TIMEOUT_S) as answer:
            return json.load(answer)


class Session:
    """One visitor, listening."""

    def __init__(self, address: str):
        self._address = address
        self._heard: set[str] = set()
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def wait_for(self, message: str) -> None:
        """Wait until the server has said this: estimation (of the queue), process_starts, process_completed."""
        with self._news:
            if not self._news.wait_for(lambda: message in self._heard, TIMEOUT_S):
                raise TimeoutError(f"the app never said {message} within {TIMEOUT_S} s")

    def _listen(self) -> None:
        with urllib.request.urlopen(self._address, timeout=TIMEOUT_S) as stream:
            for line in stream:
                if line.startswith(b"data:"):
                    with self._news:
                        self._heard.add(json.loads(line[5:])["msg"])
                        self._news.notify_all()

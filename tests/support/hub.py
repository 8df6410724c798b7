"""A stand-in for the Hub: a small HTTP server that knows a few models and a few ways to fail."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "a" * 40
MODEL = "somebody/tiny"
NEVER_SERVED = {
    "somebody/adapter": ["adapter_config.json", "adapter_model.safetensors"],
    "somebody/whole-adapter": ["adapter_config.json", "config.json", "model.safetensors"],
    "somebody/gguf": ["README.md", "model.Q4_K_M.gguf"],
    "somebody/diffuser": ["model_index.json"],
    "somebody/pickled": ["config.json", "pytorch_model.bin", "tokenizer.json"],
}


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    folders: dict[str, Path]
    served: list[str]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0].removeprefix("/api/models").lstrip("/")
        name = "/".join(path.split("/")[:2])
        if name in self.server.folders:
            return self._model(name, path)
        if name in NEVER_SERVED and self.path.startswith("/api/"):
            return self._list(name, dict.fromkeys(NEVER_SERVED[name], 1))
        if name == "somebody/gated":
            return self._answer(401, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "terms first"})
        if name == "somebody/broken":
            return self._answer(500, b"{}")
        return self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _model(self, name: str, path: str) -> None:
        folder = self.server.folders[name]
        if self.path.startswith("/api/"):
            if "/tree/" in path:
                return self._answer(200, b"[]")
            return self._list(name, {file.name: file.stat().st_size for file in folder.iterdir()})
        file = folder / path.rsplit("/", 1)[-1]
        if not file.is_file():
            return self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
        content = file.read_bytes()
        if self.command == "GET":
            self.server.served.append(f"{name}/{file.name}")
        return self._answer(200, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'})

    def _list(self, name: str, sizes: dict[str, int]) -> None:
        has_sizes = "blobs=" in self.path
        siblings = [{"rfilename": file} | ({"size": size} if has_sizes else {}) for file, size in sizes.items()]
        self._answer(200, json.dumps({"id": name, "sha": COMMIT, "siblings": siblings}).encode())

    def _answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Connection", "close")  # so that a stopped server answers nobody any more
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class StandInHub:
    """Serves folders as models by name; can be stopped and started again at the same port.

    Attributes:
        served: Every file that was asked for with its content, as ``owner/name/file``.
    """

    def __init__(self, folders: dict[str, Path]):
        self._folders = folders
        self._port = 0
        self.served: list[str] = []
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.folders = self._folders
        self._server.served = self.served
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

"""A reverse proxy as it stands before many apps: it serves one below a path of its own, which it strips."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OF_ONE_HOP = {"connection", "transfer-encoding", "keep-alive"}


class StrippingProxy:
    """A context in which ``url`` leads to the app; requests outside the prefix are answered with 404 and kept.

    Attributes:
        outside: Paths that were asked for outside the prefix.
    """

    def __init__(self, target: str, prefix: str):
        self.outside: list[str] = []
        proxy, address = self, urlsplit(target).netloc

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not self.path.startswith(f"{prefix}/"):
                    proxy.outside.append(self.path)
                    self.send_error(404)
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {n: value for n, value in self.headers.items() if n.lower() not in _OF_ONE_HOP}
                upstream = http.client.HTTPConnection(address)
                try:
                    upstream.request(self.command, self.path.removeprefix(prefix), body, headers)
                    answer = upstream.getresponse()
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in _OF_ONE_HOP:
                            self.send_header(name, value)
                    self.send_header("Connection", "close")
                    self.end_headers()
                    while part := answer.read1(65536):  # as it comes: the page's values are a stream
                        self.wfile.write(part)
                        self.wfile.flush()
                except OSError:
                    pass  # one of the two has gone away
                finally:
                    upstream.close()

            do_POST = do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}{prefix}/"

    def __enter__(self) -> StrippingProxy:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

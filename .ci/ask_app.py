"""Waits for the app on PORT of this machine, then asks it for its page and for one generation."""

from __future__ import annotations

import argparse
import os
import sys
import time
import urllib.request


def wait_for(log: str, text: str, timeout_s: float) -> float:
    """Seconds until ``text`` stands in the log."""
    start = time.monotonic()
    while time.monotonic() - start < timeout_s:
        with open(log, encoding="utf-8", errors="replace") as file:
            content = file.read()
        if text in content:
            return time.monotonic() - start
        if "Traceback" in content or "ERROR:" in content:
            break
        time.sleep(0.5)
    sys.exit(f"the app did not start: {text!r} is not in its output")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--install-timeout", type=float, default=1800)
    args = parser.parse_args()
    url = f"http://127.0.0.1:{os.environ['PORT']}"
    wait_for(args.log, "Running on local URL", args.install_timeout)
    with urllib.request.urlopen(url, timeout=20) as answer:
        page = answer.read().decode()
    if "SWIFT" not in page:
        sys.exit("the page does not name SWIFT")

    from gradio_client import Client  # installed by the command that started the app

    client = Client(url, verbose=False)
    job = client.submit("Once upon a time", max_new_tokens=40, pace="real time", api_name="/run")
    value = job.result(timeout=120)
    if value["state"] != "finished" or not value["chunks"]:
        sys.exit(f"the generation ended as {value['state']}: {value['message']}")
    print(f"{url} answers; a generation of 40 tokens finished in {len(value['chunks'])} updates")


if __name__ == "__main__":
    main()

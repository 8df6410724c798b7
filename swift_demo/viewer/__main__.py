"""A trace as a page that shows it offline: ``python -m swift_demo.viewer run.jsonl -o run.html``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from swift_demo.files import replace_file
from swift_demo.trace import Trace, TraceError
from swift_demo.viewer.export import html_page


def main(argv: list[str] | None = None) -> int:
    """Write the page; 0, or 2 and one line on what is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m swift_demo.viewer", description="A recorded run as one HTML file that needs no network."
    )
    parser.add_argument("trace", type=Path, help="run as JSON lines, from the page or Trace.save")
    parser.add_argument("-o", "--out", type=Path, help="the page (default: beside the trace, ending in .html)")
    args = parser.parse_args(argv)
    out = args.out or args.trace.with_suffix(".html")
    try:
        replace_file(out, html_page(Trace.load(args.trace)))
    except TraceError as error:
        print(f"{args.trace}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or out}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m swift_demo.bench [COMMAND]``: what is fast, what it costs, and how that grows."""

from __future__ import annotations

import sys
from importlib import import_module

# Each command is a module beside this one, with a ``main(argv)``.
COMMANDS = {
    "speed": "compare ways of decoding; the default command",
    "costs": "what a token, a verification and a trial cost, and the speed that follows from it",
    "page": "the same race headless and through the page",
    "growth": "how costs grow with the text and with the trace",
    "stream": "what happens to the draft when the task changes",
    "search": "what each way of searching finds where the answer is known",
    "planted": "saves a model with layers that a draft may skip",
    "report": "the table of a run of speed again, from its traces",
    "plot": "the speeds of a run of speed as a picture",
    "tables": "the tables of README and docs, filled from the raw results",
}


def main(argv: list[str] | None = None) -> None:
    """Run one command."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] in (["-h"], ["--help"]):
        print("python -m swift_demo.bench COMMAND [--help]\n")
        print("\n".join(f"  {name:<8}{what}" for name, what in COMMANDS.items()))
        return
    command = "speed"
    if argv and not argv[0].startswith("-"):
        command, *argv = argv
    if command not in COMMANDS:
        sys.exit(f"there is no benchmark {command!r}; there are {', '.join(COMMANDS)}")
    import_module(f"swift_demo.bench.{command}").main(argv)


if __name__ == "__main__":
    main()

"""Looks for skip sets outside any run, on texts that the target itself has written; ``python -m swift_demo.search``."""

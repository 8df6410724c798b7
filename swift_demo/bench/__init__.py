"""Compares ways of decoding and their costs; ``python -m swift_demo.bench``."""

from swift_demo.extras import require

require("bench", "plotly", "tqdm")

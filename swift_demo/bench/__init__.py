"""Ways of decoding and their costs, measured against each other; ``python -m swift_demo.bench``."""

from swift_demo.extras import require

require("bench", "plotly", "tqdm")

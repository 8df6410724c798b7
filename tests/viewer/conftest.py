from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def race():
    """A finished synthetic race."""
    import synthetic

    return synthetic.race()

from __future__ import annotations

import pytest
from support import synthetic


@pytest.fixture(scope="session")
def race():
    """A finished synthetic race."""
    return synthetic.race()

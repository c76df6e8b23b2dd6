"""What the plugin's tests need before pytester is at work."""

import numpy as np
import pytest

from tests.fakes.tickets import tickets


@pytest.fixture(scope="session", autouse=True)
def _answers_loaded() -> None:
    """Load what the fake models know: what is imported while pytester is at work is forgotten after it."""
    tickets()
    np.array([])

import sys
from collections.abc import Callable

import pytest


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Writes a line of a proof's table to the terminal, although the test's output is captured."""

    def line(text: str) -> None:
        with capfd.disabled():
            sys.stdout.write(f"\n{text}")

    return line

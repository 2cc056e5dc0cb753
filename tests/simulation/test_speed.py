import time
from pathlib import Path

import pytest

from simulation.company import simulate
from tests.simulation.measures import UNTIL


@pytest.mark.slow
def test_100_000_leads_are_simulated_and_written_in_under_20_seconds(tmp_path: Path) -> None:
    started = time.perf_counter()
    simulate(100_000, until=UNTIL).write(tmp_path)
    assert time.perf_counter() - started < 20

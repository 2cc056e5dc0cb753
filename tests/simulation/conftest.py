import pytest

from simulation.company import Simulation, simulate
from tests.simulation.measures import UNTIL


@pytest.fixture(scope="session")
def steady() -> Simulation:
    return simulate(30_000, until=UNTIL)

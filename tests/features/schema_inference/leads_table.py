"""A table of leads whose truth is known, and what `leads init` proposes of it as it is, or changed."""

from pathlib import Path

import numpy as np
import pandas as pd

from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from stats.types import Mask

N = 400
RNG = np.random.default_rng(11)
ARRIVED = pd.DatetimeIndex(pd.Timestamp("2024-01-02 08:00") + pd.to_timedelta(np.arange(N) * 1237, "min"))
STATE = RNG.choice(["won", "lost", "open"], N, p=[0.3, 0.5, 0.2])
WON: Mask = np.asarray(STATE == "won")
LOST: Mask = np.asarray(STATE == "lost")
OPEN: Mask = np.asarray(STATE == "open")
CLOSED_AT = pd.DatetimeIndex(ARRIVED + pd.to_timedelta(RNG.integers(2, 60, N), "D"))
LEADS = pd.DataFrame(
    {
        "lead_id": [f"L{number:05d}" for number in range(N)],
        "created_at": ARRIVED.strftime("%Y-%m-%d %H:%M"),
        "source": RNG.choice(["web", "fair", "ads"], N),
        "status": STATE,
    }
)
CLOSING = np.where(OPEN, "", CLOSED_AT.strftime("%Y-%m-%d"))
CLOSED = LEADS.assign(closed_at=CLOSING)


def proposed(folder: Path, leads: pd.DataFrame, **beside: pd.DataFrame) -> Proposal:
    """The proposal of a table, with others beside it such as `outcomes`; written to `folder`, a CSV each."""
    leads.to_csv(folder / "leads.csv", index=False)
    for name, table in beside.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    paths = {name: str(folder / f"{name}.csv") for name in beside}
    return propose(TableLocations(str(folder / "leads.csv"), **paths), relative_to=folder)


def checks(proposal: Proposal) -> str:
    """What is said under "Check first", a line each."""
    assert proposal.summary is not None
    return "\n".join(proposal.summary.checks)


def counts(proposal: Proposal) -> tuple[int, int, int]:
    """How many leads are won, lost and open."""
    assert proposal.summary is not None
    return proposal.summary.won, proposal.summary.lost, proposal.summary.open


TRUTH = (int(WON.sum()), int(LOST.sum()), int(OPEN.sum()))

"""Plain tables of a company whose scores are true, with a share of its calls on record."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from tests.analytics.tables import AS_OF, HORIZON


@dataclass(frozen=True)
class Tables:
    """As `analytics.leads_as_of.read_leads_as_of` takes them."""

    leads: pd.DataFrame
    contacts: pd.DataFrame
    outcomes: pd.DataFrame
    scores: pd.DataFrame

    def facts(self) -> LeadsAsOf:
        return read_leads_as_of(self.leads, self.contacts, self.outcomes, None, self.scores, AS_OF, HORIZON)


def company(n: int, logged: float, seed: int, untried: float = 0.15, inflation: float = 0.0) -> Tables:
    """A lead that is worked wins with its probability, one that is not never; scores promise `inflation` more.

    A share `logged` of the worked leads has a contact on record, whatever became of them.
    """
    rng = np.random.default_rng(seed)
    as_of = np.datetime64(AS_OF.replace(tzinfo=None), "us")
    ids = np.array([f"L-{row}" for row in range(n)])
    age_s = rng.uniform(0, 364 * 86_400, n)
    arrived = as_of - (age_s * 1e6).astype("timedelta64[us]")
    chance = rng.beta(1.2, 10, n)
    worked = rng.random(n) >= untried
    on_record = worked & (rng.random(n) < logged)
    won = worked & (rng.random(n) < chance)
    closed = arrived + (rng.uniform(1, 80, n) * 86_400e6).astype("timedelta64[us]")
    known = (closed < as_of) & (won | (rng.random(n) < 0.5))
    promised = np.minimum(chance * (1 + inflation), 1.0)
    grade = np.array(list("DCBA"))[np.searchsorted([0.05, 0.1, 0.2], promised)]
    source = np.array([f"source {code}" for code in rng.integers(0, 4, n)])
    called = arrived + (rng.uniform(0, 2, n) * np.minimum(age_s, 86_400) * 5e5).astype("timedelta64[us]")
    scores = {"lead_id": ids, "scored_at": arrived, "probability": promised, "grade": grade, "model_version": "1"}
    return Tables(
        leads=pd.DataFrame({"lead_id": ids, "created_at": arrived, "source": source}),
        contacts=pd.DataFrame({"lead_id": ids, "started_at": called, "agent": "Ann"})[on_record],
        outcomes=pd.DataFrame({"lead_id": ids, "at": closed, "status": np.where(won, "won", "lost")})[known],
        scores=pd.DataFrame(scores),
    )

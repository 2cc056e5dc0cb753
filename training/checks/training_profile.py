"""The profile of a model's training leads, a few kilobytes of JSON that name nobody.

It is stored beside the model, so that a later history can be compared with it (`training.checks.data_changes`).
"""

import json
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from features.data_profile import Profile
from features.lead_table import LeadTable
from features.schema import LeadSchema
from training.data.dataset import Dataset


@dataclass(frozen=True)
class TrainingProfile:
    """The profile of the training leads, how many of them were won, and when the last ones arrived.

    `newest` is the last arrival among the training examples, `newest_known` among all leads that were known, the young
    ones included; both are ISO 8601 in UTC, None where arrivals are not dated.
    """

    profile: Profile
    won: float
    newest: str | None = None
    newest_known: str | None = None

    @classmethod
    def of(cls, dataset: Dataset, schema: LeadSchema) -> Self:
        """The profile of a dataset."""
        newest, youngest = _newest_arrival(dataset.leads), _newest_arrival(dataset.young)
        known = max(filter(None, (newest, youngest)), default=None)
        return cls(Profile.of(dataset.leads, schema), float(dataset.won.sum()), newest, known)

    @property
    def won_share(self) -> float:
        """The share of them that was won."""
        return self.won / self.profile.leads

    def to_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        state = json.loads(text)
        return cls(**{**state, "profile": Profile.from_json(state["profile"])})


def _newest_arrival(leads: LeadTable) -> str | None:
    return None if leads.created_at is None or not len(leads) else str(np.max(leads.created_at))

"""Which leads stand against which money: the basis of each row's cost.

A lead counts where money for it is on record: its campaign has spend, or its source as a whole has. One of a campaign
without spend would be a customer for nothing, beside a sibling that pays for all. Matured and young days are kept
apart, as their wins are: a campaign whose spend began last week paid for none of its matured wins.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stats.types import Mask

Keys = pd.MultiIndex

NO_NAME = ""


@dataclass(frozen=True)
class Basis:
    """Of n rows, leads and spend: `counted` (n,) leads have money on record, and so has all spend.

    `undivided` (n,) marks spend on a source as a whole that several campaigns share, and the leads of these campaigns:
    what one of them costs is not known.
    """

    counted: Mask
    undivided: Mask


def read_basis(rows: pd.DataFrame, matured: Mask) -> Basis:
    """The basis of rows with `source`, `campaign`, `lead` (1 or 0) and `spend`; `matured` (n,) are of old days."""
    is_lead, has_spend = (rows["lead"] == 1).to_numpy(), (rows["spend"] > 0).to_numpy()
    campaigns, sources = _keys(rows, matured, ["source", "campaign"]), _keys(rows, matured, ["source"])
    unnamed = rows["campaign"].isna().to_numpy()
    own = np.asarray(campaigns.isin(campaigns[has_spend]))
    by_source = np.asarray(sources.isin(sources[has_spend & unnamed]))
    shares = is_lead & by_source & ~own
    shared = np.asarray(sources.isin(sources[shares])) & has_spend & unnamed
    return Basis(counted=~is_lead | own | by_source, undivided=shares | shared)


def _keys(rows: pd.DataFrame, matured: Mask, columns: list[str]) -> Keys:
    names = [rows[column].fillna(NO_NAME) for column in columns]
    return pd.MultiIndex.from_arrays([*names, matured])

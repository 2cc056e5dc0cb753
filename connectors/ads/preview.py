"""How the value that a platform is told would lie on campaigns, beside what it is told today."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.ads.lead import Kind, Statement


@dataclass(frozen=True, slots=True)
class CampaignValue:
    """One campaign's new conversions: how many, their value today and as an export states it, and both shares.

    `today` is a flat value for each; None where ads.toml does not say it, and then only shares compare.
    """

    source: str
    campaign: str
    leads: int
    today: float | None
    value: float
    share_today: float
    share: float


def compare_campaigns(statements: Sequence[Statement], value_today: float | None) -> list[CampaignValue]:
    """New conversions by source and campaign, the most valuable first."""
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    said: set[str] = set()
    for one in statements:
        if one.kind is Kind.NEW and one.lead.lead_id not in said:  # of several stages the first
            said.add(one.lead.lead_id)
            values[one.lead.source or "", one.lead.campaign or ""].append(one.value)
    count, total = len(said), sum(map(sum, values.values()))
    rows = [
        CampaignValue(
            source,
            campaign,
            len(amounts),
            None if value_today is None else round(len(amounts) * value_today, 2),
            round(sum(amounts), 2),
            len(amounts) / count,
            sum(amounts) / total if total else 0.0,
        )
        for (source, campaign), amounts in values.items()
    ]
    return sorted(rows, key=lambda row: (-row.value, row.source, row.campaign))

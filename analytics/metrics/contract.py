"""The whole metric contract: its numbers by key, and as a table for the docs."""

from collections.abc import Mapping
from types import MappingProxyType

from analytics.metrics.conversion import CONVERSION
from analytics.metrics.metric import Metric, UnknownMetric
from analytics.metrics.promises import PROMISES
from analytics.metrics.work import WORK

CONTRACT: tuple[Metric, ...] = (*CONVERSION, *WORK, *PROMISES)
METRICS: Mapping[str, Metric] = MappingProxyType({metric.key: metric for metric in CONTRACT})


def metric(key: str) -> Metric:
    """The number of this key.

    Raises:
        UnknownMetric: for a key that is not in the contract.
    """
    if key not in METRICS:
        raise UnknownMetric(f"there is no metric {key!r}; the contract has {', '.join(METRICS)}")
    return METRICS[key]


def contract_table() -> str:
    """The contract as a Markdown table, for the docs."""
    rows = ["| number | how it is counted | over | owner | unit | version |", "|---|---|---|---|---|---|"]
    for number in CONTRACT:
        version = "; ".join([str(number.version), *number.changes])
        cells = (f"{number.name} (`{number.key}`)", number.formula, number.window, number.owner, number.unit, version)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"

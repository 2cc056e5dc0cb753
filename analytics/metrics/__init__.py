"""The metric contract: what each number means, once, for the page, the API, the command line and the docs."""

from analytics.metrics.contract import CONTRACT, METRICS, contract_table, metric
from analytics.metrics.metric import Metric, Owner, Unit, UnknownMetric

__all__ = ["CONTRACT", "METRICS", "Metric", "Owner", "Unit", "UnknownMetric", "contract_table", "metric"]

"""The only place that imports MLflow: training runs go in, registered models come out."""

from training.evaluation.promotion_gate import NO_CHAMPION
from training.registry.connection import Location, locate
from training.registry.errors import NoModel, NothingToRollBack, RegistryError, RegistryUnreachable
from training.registry.quiet import answer_within
from training.registry.records import (
    Candidate,
    MetricPair,
    ModelDetails,
    ModelVersion,
    Promotion,
    VersionComparison,
)
from training.registry.versions import Registry, open_registry

__all__ = [
    "NO_CHAMPION",
    "Candidate",
    "Location",
    "MetricPair",
    "ModelDetails",
    "ModelVersion",
    "NoModel",
    "NothingToRollBack",
    "Promotion",
    "Registry",
    "RegistryError",
    "RegistryUnreachable",
    "VersionComparison",
    "answer_within",
    "locate",
    "open_registry",
]

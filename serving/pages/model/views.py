"""What the model page's template is given: frozen values with every word already chosen."""

from dataclasses import dataclass

from serving.pages.views import FactLine, Link, Picture, Table


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field that feeds the model, or is left out; `note` says how much it weighs, or why it is left out."""

    name: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What somebody could do, and where, for those who may go there."""

    says: str
    way: Link | None = None


@dataclass(frozen=True, slots=True)
class PromotionLine:
    """A version became champion."""

    when: str
    exact: str
    version: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class ModelView:
    """The whole model page."""

    answer: str
    basis: str
    picture: Picture | None
    groups: Table | None
    better: tuple[Advice, ...]
    cautions: tuple[str, ...]
    versions: Table | None
    versions_note: str
    decisions: tuple[tuple[str, tuple[str, ...]], ...]
    used: tuple[FieldLine, ...]
    left_out: tuple[FieldLine, ...]
    rescoring: str
    rescored_share: float | None
    promotions: tuple[PromotionLine, ...]
    mlflow: Link | None
    mlflow_command: str | None
    facts: tuple[FactLine, ...]
    training: Link | None

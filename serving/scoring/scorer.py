"""The current champion: polls a source of models, swaps in a new one without a restart, and scores with it.

A model is warmed up before it is used, and refused where it does not answer; then the old one goes on.
A swap is one assignment, and each score comes from one model, so an answer agrees with the version it names.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from features.errors import LeadRefused
from features.lead import Lead
from features.schema import LeadSchema
from serving.errors import LeadInvalid, NotReady
from serving.event_log import log_event
from serving.problems import Problem
from serving.schemas.requests import SentLead
from serving.schemas.types import check_id
from serving.schemas.validation import read_lead
from serving.scoring.champion import DEFAULT_HORIZON_DAYS, Champion, KeptModel, ModelSource, warm_up_model
from serving.settings import Settings
from training.model import ModelBroken, Score, ScoringModel
from training.registry import NoModel, RegistryUnreachable

REASONS_KEPT = 10
"""Reasons that are stored with a score, for the lead's page."""
REFUSED_SECONDS = 60.0
"""A refused version is tried again after this: its files may only have been out of reach."""
LEAST_PATIENCE_SECONDS = 0.5
"""A registry that takes longer to name the champion, and longer than half of the time between two looks, counts as
out of reach."""

NONE_YET = "no champion is registered; train a model with `leads train` or promote one with `leads models promote`"


@dataclass(frozen=True)
class RefusedLead:
    """A lead of a batch that could not be scored."""

    lead_id: str | None
    problem: Problem


def _id_of(data: object) -> str | None:
    """The id of a lead as it was sent, None where there is none that can be taken."""
    sent = data.get("lead_id") if isinstance(data, dict) else None
    if isinstance(sent, bool) or not isinstance(sent, str | int):
        return None
    try:
        return check_id(str(sent))
    except ValueError:
        return None


class Scorer:
    """Scores leads with the newest champion that works; at a start, with the last one that did until there is one."""

    def __init__(
        self,
        models: ModelSource,
        settings: Settings,
        clock: Callable[[], datetime],
        given: Callable[[float], None] = lambda _: None,
        kept: KeptModel | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models, self._settings, self._clock, self._given = models, settings, clock, given
        self._kept, self._seconds = kept, seconds
        self._champion: Champion | None = None
        self._refreshing, self._swapping = threading.Lock(), threading.Lock()
        self._is_from_file = False
        self.refused_version: str | None = None
        self._refused_at = seconds()
        self.trouble = "the champion is being loaded"
        self._registry_answered = False
        self._asking_since: float | None = None
        self.is_missing = False
        """Whether the registry names no champion."""

    @property
    def registry_reachable(self) -> bool:
        """Whether the last look for a champion was answered, and the present one does not wait for long."""
        asking_since = self._asking_since
        patience = max(self._settings.poll_seconds / 2, LEAST_PATIENCE_SECONDS)
        return self._registry_answered and (asking_since is None or self._seconds() - asking_since <= patience)

    @property
    def troubles(self) -> dict[str, str]:
        """What is wrong with the registry and its champion although there is a model that scores."""
        troubles: dict[str, str] = {}
        if not self.registry_reachable:
            slow = "the model registry does not answer" if self._registry_answered else self.trouble
            troubles["registry"] = slow
        if self.is_missing:
            troubles["champion"] = f"{NONE_YET}; until then model {self.version} goes on"
        elif self.refused_version is not None:
            troubles["champion"] = f"champion {self.refused_version} was refused; model {self.version} goes on"
        return troubles

    @property
    def champion(self) -> Champion:
        """The champion in use.

        Raises:
            NotReady: while there is none, saying why and what to do.
        """
        if self._champion is None:
            seconds = max(1, round(self._settings.poll_seconds))
            raise NotReady(f"{self.trouble}; it is picked up without a restart", headers={"Retry-After": str(seconds)})
        return self._champion

    @property
    def version(self) -> str | None:
        """The version in use."""
        return None if self._champion is None else self._champion.model.version

    @property
    def schema(self) -> LeadSchema | None:
        """What the model in use takes."""
        return None if self._champion is None else self._champion.model.schema

    @property
    def horizon_days(self) -> int:
        """Within how many days a lead is won for the model in use; the report's own where there is none."""
        return DEFAULT_HORIZON_DAYS if self._champion is None else self._champion.model.horizon_days

    def now(self) -> datetime:
        """The service's time."""
        return self._clock()

    def give(self, score: Score) -> Score:
        """The score, counted as one that somebody was given."""
        self._given(score.probability)
        return score

    def score(self, lead: SentLead, reasons: int) -> Score:
        """Score one lead.

        Raises:
            LeadRefused: where a field's value is not of its kind.
        """
        model = self.champion.model
        return self.give(model.score(parse_lead(model, lead), self._clock(), reasons))

    def score_batch(self, leads: Sequence[object], reasons: int) -> list[Score | RefusedLead]:
        """Score leads as they came, all with one model; one that is refused does not spoil the others."""
        model, now = self.champion.model, self._clock()
        return [self._score_or_refuse(model, now, at, lead, reasons) for at, lead in enumerate(leads)]

    def _score_or_refuse(
        self, model: ScoringModel, now: datetime, at: int, data: object, reasons: int
    ) -> Score | RefusedLead:
        try:
            lead = read_lead(data, self._settings, model.schema)
            return self.give(model.score(parse_lead(model, lead), now, reasons))
        except LeadRefused as refused:
            return RefusedLead(_id_of(data), LeadInvalid.of(refused, ("leads", at)).problem())

    def refresh(self) -> None:
        """Look once for a new champion. Never raises: whatever is wrong, the old one goes on."""
        with self._refreshing:
            try:
                self._swap(self._ask_champion_version())
            except NoModel:
                self._note_missing()
            except Exception as error:  # noqa: BLE001 - a registry fails in many ways; the next look may succeed
                self._note_unreachable(error)
            if self._champion is None:
                self.use_kept()

    def use_kept(self) -> None:
        """Score with the champion that was kept, where there is none yet; a look that hangs does not hold it up."""
        model = self._kept.load() if self._kept is not None and self._champion is None else None
        if model is not None and self._adopt_kept(model):
            log_event("scorer.kept_champion_used", logging.WARNING, model_version=model.version, reason=self.trouble)

    def _adopt_kept(self, model: ScoringModel) -> bool:
        """Whether none came while it was loaded."""
        with self._swapping:
            if self._champion is not None:
                return False
            self._champion, self._is_from_file = Champion(model, self._clock()), True
        return True

    def _ask_champion_version(self) -> str | None:
        self._asking_since = self._seconds()
        try:
            version = self._models.champion_version()
        except NoModel:
            version = None
        finally:
            self._asking_since = None
        self._registry_answered = True
        return version

    def _note_missing(self) -> None:
        self.trouble = NONE_YET
        if not self.is_missing:
            log_event("scorer.champion_missing", logging.WARNING, serving=self.version)
        self.is_missing, self.refused_version = True, None

    def _note_unreachable(self, error: Exception) -> None:
        self._registry_answered = False
        why = error.reason if isinstance(error, RegistryUnreachable) else None
        self.trouble = "the model registry cannot be read just now" + (f": {why}" if why else "")
        log_event("scorer.registry_unreachable", logging.WARNING, error, serving=self.version, reason=why)

    def _swap(self, version: str | None) -> None:
        if version is None:
            self._note_missing()
            return
        self.is_missing = False
        if version == self.version and not self._is_from_file:
            self.refused_version = None
        elif version != self.refused_version or self._seconds() >= self._refused_at + REFUSED_SECONDS:
            self._load_version(version)

    def _load_version(self, version: str) -> None:
        try:
            model = warm_up_model(self._models.load(version), self._clock())
        except ModelBroken as broken:
            self._refuse_version(version, broken)
            return
        with self._swapping:
            before, self._champion = self.version, Champion(model, self._clock())
            self.refused_version, self._is_from_file = None, False
        log_event("scorer.swapped", model_version=version, before=before, candidate=model.candidate)
        if self._kept is not None:
            self._kept.keep(model)

    def _refuse_version(self, version: str, broken: ModelBroken) -> None:
        self.refused_version, self._refused_at = version, self._seconds()
        self.trouble = f"champion {version} is broken and was refused; promote another with `leads models promote`"
        log_event("scorer.champion_refused", logging.ERROR, broken, refused_version=version, serving=self.version)


def parse_lead(model: ScoringModel, lead: SentLead) -> Lead:
    """A lead read by the model's schema."""
    return model.schema.parse(
        lead.lead_id, lead.fields, created_at=lead.created_at, source=lead.source, campaign=lead.campaign
    )

"""The current champion: polls a source of models, swaps in a new one without a restart, and scores with it.

A model is warmed up before it is used, and refused where it does not answer; then the old one goes on.
A swap is one assignment, and each score comes from one model, so an answer agrees with the version it names.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from features.lead import Lead
from features.schema import FieldProblem, LeadRefused
from serving.errors import LeadInvalid, NotReady, Problem
from serving.events import event
from serving.messages.checking import NOT_AHEAD, read_lead
from serving.messages.sent import LeadIn
from serving.messages.values import ACCEPTED_TIME, AHEAD, EARLIEST, LATEST, NUL
from serving.settings import Settings
from serving.store.intake import PutLead
from serving.store.leads import LeadFacts
from training.model import ModelBroken, Score, ScoringModel
from training.registry import NoModel

STOP_SECONDS = 2.0
FIRST_LOOK_SECONDS = 10.0
REASONS_KEPT = 10
"""Reasons that are stored with a score, for the lead's page."""
REFUSED_FOR = timedelta(minutes=1)
"""A refused version is tried again after this: its files may only have been out of reach."""

NONE_YET = "no champion is registered; train a model with `leads train` or promote one with `leads models promote`"


class ModelSource(Protocol):
    """Where champions come from, such as `training.registry.Registry`."""

    def champion_version(self) -> str | None:
        """The champion's version, cheap to ask; None or `NoModel` while there is none."""

    def load(self, which: str) -> ScoringModel:
        """The model of a version; raises `ModelBroken` where it never will be readable."""


@dataclass(frozen=True)
class Champion:
    """A warmed-up model and when it took over."""

    model: ScoringModel
    since: datetime


@dataclass(frozen=True)
class RefusedLead:
    """A lead of a batch that could not be scored."""

    lead_id: str | None
    problem: Problem


class Scorer:
    """Scores leads with the newest champion that works."""

    def __init__(
        self,
        models: ModelSource,
        settings: Settings,
        clock: Callable[[], datetime],
        given: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._models, self._settings, self._clock, self._given = models, settings, clock, given
        self._champion: Champion | None = None
        self._refreshing = threading.Lock()
        self.refused_version: str | None = None
        self._refused_at = clock()
        self.trouble = "the champion is being loaded"
        self.registry_reachable = False

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

    def now(self) -> datetime:
        """The service's time."""
        return self._clock()

    def give(self, score: Score) -> Score:
        """The score, counted as one that somebody was given."""
        self._given(score.probability)
        return score

    def score(self, lead: LeadIn, reasons: int) -> Score:
        """Score one lead.

        Raises:
            LeadRefused: where a field's value is not of its kind.
        """
        model = self.champion.model
        return self.give(model.score(parsed(model, lead), self._clock(), reasons))

    def score_batch(self, leads: Sequence[object], reasons: int) -> list[Score | RefusedLead]:
        """Score leads as they came, all with one model; one that is refused does not spoil the others."""
        model, now = self.champion.model, self._clock()
        return [self._score_or_refuse(model, now, at, lead, reasons) for at, lead in enumerate(leads)]

    def _score_or_refuse(
        self, model: ScoringModel, now: datetime, at: int, data: object, reasons: int
    ) -> Score | RefusedLead:
        lead = None
        try:
            lead = read_lead(data, self._settings)
            return self.give(model.score(parsed(model, lead), now, reasons))
        except LeadRefused as refused:
            return RefusedLead(None if lead is None else lead.lead_id, LeadInvalid.of(refused, ("leads", at)).problem())

    def refresh(self) -> None:
        """Look once for a new champion. Never raises: whatever is wrong, the old one goes on."""
        try:
            self._swap(self._models.champion_version())
            self.registry_reachable = True
        except NoModel:
            self.trouble, self.registry_reachable = NONE_YET, True
        except Exception as error:  # noqa: BLE001 - a registry fails in many ways; the next look may succeed
            self.registry_reachable = False
            self.trouble = "the model registry cannot be read just now"
            event("scorer.registry_unreachable", logging.WARNING, error, serving=self.version)

    def _swap(self, version: str | None) -> None:
        if version is None:
            self.trouble = NONE_YET
        elif version == self.version:
            self.refused_version = None
        elif version != self.refused_version or self._clock() >= self._refused_at + REFUSED_FOR:
            try:
                model = _warmed_up(self._models.load(version), self._clock())
            except ModelBroken as broken:
                self._refuse(version, broken)
                return
            before, self._champion = self.version, Champion(model, self._clock())
            self.refused_version = None
            event("scorer.swapped", model_version=version, before=before, candidate=model.candidate)

    def _refuse(self, version: str, broken: ModelBroken) -> None:
        self.refused_version, self._refused_at = version, self._clock()
        self.trouble = f"champion {version} is broken and was refused; promote another with `leads models promote`"
        event("scorer.champion_refused", logging.ERROR, broken, refused_version=version, serving=self.version)


def put_by(scorer: Scorer, lead: LeadIn) -> PutLead:
    """A lead to be stored, scored with all the reasons that are kept.

    Raises:
        LeadRefused: where a field's value is not of its kind, or its time is one that no database keeps.
    """
    model = scorer.champion.model
    read = parsed(model, lead)
    if read.created_at is not None and not EARLIEST <= read.created_at <= LATEST:
        raise LeadRefused([FieldProblem(("created_at",), ACCEPTED_TIME)])
    now = scorer.now()
    if read.created_at is not None and read.created_at > now + AHEAD:
        raise LeadRefused([FieldProblem(("created_at",), NOT_AHEAD)])
    for role, text in (("source", read.source), ("campaign", read.campaign)):
        if text is not None and NUL in text:
            raise LeadRefused([FieldProblem((role,), "expected text without NUL")])
    facts = LeadFacts(read.lead_id, read.created_at, read.source, read.campaign, lead.value, lead.fields)
    return PutLead(facts, read, scorer.give(model.score(read, now, REASONS_KEPT)), model)


def parsed(model: ScoringModel, lead: LeadIn) -> Lead:
    """A lead read by the model's schema."""
    return model.schema.parse(
        lead.lead_id, lead.fields, created_at=lead.created_at, source=lead.source, campaign=lead.campaign
    )


def _warmed_up(model: ScoringModel, now: datetime) -> ScoringModel:
    """The model after its first score, which compiles and tabulates what later ones reuse.

    Raises:
        ModelBroken: where it fails, or gives no probability.
    """
    try:
        score = model.score(model.schema.parse("warm-up", {}), now)
    except Exception as error:
        raise ModelBroken(f"it fails on a lead: {type(error).__name__}") from error
    if not 0 <= score.probability <= 1:
        raise ModelBroken("it does not give a probability")
    return model


@contextmanager
def watching(scorer: Scorer, every: float) -> Iterator[None]:
    """Refresh at once and then every so many seconds, beside the event loop.

    Waits a while for the first look, so that the first request finds a champion. The thread is a daemon: a registry
    that hangs delays no stop.
    """
    looked, stopped = threading.Event(), threading.Event()

    def watch() -> None:
        scorer.refresh()
        looked.set()
        while not stopped.wait(every):
            scorer.refresh()

    thread = threading.Thread(target=watch, name="champion-watch", daemon=True)
    thread.start()
    looked.wait(FIRST_LOOK_SECONDS)
    try:
        yield
    finally:
        stopped.set()
        thread.join(STOP_SECONDS)

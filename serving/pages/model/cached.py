"""What pages keep beside the store: what the registry holds of models, and what matured leads delivered."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from features.data_profile import Profile
from serving.background_cache import BackgroundCache
from serving.deps import Service
from serving.pages import charts, rendering
from serving.pages.data_quality.quality import DataQuality, measure_quality
from serving.pages.model.delivered import Delivered
from serving.scoring.champion import ModelSource
from serving.store.calibration_cohort import CohortWindow, read_cohort
from serving.store.recent_facts import read_recent_facts
from serving.store.recent_scores import RecentScores, read_recent_scores
from training.registry import ModelVersion, Promotion, Registry, RegistryError
from training.registry.overview import Overview, read_overview

OVERVIEW_SECONDS, DELIVERED_SECONDS, RECENT_SECONDS, QUALITY_SECONDS = 30.0, 300.0, 60.0, 300.0
GRACE_SECONDS = 1_800.0
"""How long what recent leads say may be shown while it is read anew."""
LATELY = timedelta(weeks=4)
"""Whole weeks, as weekdays differ."""
MOST_LEADS = 2_000
"""Whose fields are looked at."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Every registered model, the newest first, and every promotion, the oldest first."""

    versions: tuple[ModelVersion, ...]
    history: tuple[Promotion, ...]


class Records:
    """All of it, refreshed beside the requests; a source of models that is no registry has no overview."""

    def __init__(self, service: Service, source: ModelSource) -> None:
        self._service, self._source = service, source
        self._overview = BackgroundCache("pages-overview", self._read_overview, OVERVIEW_SECONDS)
        self._registered = BackgroundCache("pages-versions", self._read_registered, OVERVIEW_SECONDS)
        self._recent = BackgroundCache("pages-recent-scores", self._read_recent, RECENT_SECONDS)
        self._quality = BackgroundCache("pages-data-quality", self._read_quality, QUALITY_SECONDS)
        self._delivered = BackgroundCache("pages-delivered", self._read_delivered, DELIVERED_SECONDS)

    async def overview(self, version: str | None) -> Overview | None:
        """Champion, challenger and history; None while the registry has not been read.

        It is read anew where it was read before the champion in use, `version`, took over.
        """
        found = self._overview.find(None)
        if found is None or version in (None, _champion_of(found)) or self._service.scorer.refused_version is not None:
            return found
        await run_in_threadpool(self._overview.refresh, None)
        return self._overview.find(None)

    @property
    def registry(self) -> Registry | None:
        """Where the models are registered; None where their source is no registry."""
        return self._source if isinstance(self._source, Registry) else None

    async def registered(self) -> Versions | None:
        """Every registered model and promotion; None where the registry could not be read yet."""
        return await self._registered.find_fresh(None)

    async def recent_scores(self) -> RecentScores | None:
        """The scores of the last four weeks; None while they are read for the first time."""
        return await self._recent.find_fresh(None, GRACE_SECONDS)

    def data_quality(self, version: str) -> DataQuality | None:
        """How recent leads are filled in, for a model in use; None while they are read for the first time."""
        return self._quality.find(version)

    @property
    def delivered(self) -> Delivered:
        """What matured leads say."""
        return self._delivered.find(None) or Delivered(None)

    def refresh(self) -> None:
        """Read now what the model's pages show."""
        self._overview.refresh(None)
        self._delivered.refresh(None)
        if version := self._service.scorer.version:
            self._quality.refresh(version)

    def refresh_registry(self) -> None:
        """Read what the registry holds now."""
        self._overview.refresh(None)
        self._registered.refresh(None)

    @contextmanager
    def warming(self) -> Iterator[None]:
        """Read what the model page shows, and start the engine that draws, in a thread beside the service's start."""
        threading.Thread(target=self._warm, name="pages-warm", daemon=True).start()
        try:
            yield
        finally:
            self._overview.close()
            self._registered.close()
            self._recent.close()
            self._quality.close()
            self._delivered.close()

    def _warm(self) -> None:
        rendering.warm_up(self._service.settings.root_path)
        charts.warm_up()
        self.refresh()

    def _read_overview(self, _: None) -> Overview | None:
        return read_overview(self.registry) if self.registry else None

    def _read_registered(self, _: None) -> Versions | None:
        registry = self.registry
        if registry is None:
            return None
        versions = registry.versions()
        return Versions(versions, registry.history() if versions else ())

    def _read_recent(self, _: None) -> RecentScores:
        now = self._service.clock()
        return self._service.store.read_now(read_recent_scores, now - LATELY, now)

    def _read_quality(self, version: str) -> DataQuality:
        service, now = self._service, self._service.clock()
        model = service.scorer.champion.model
        facts = service.store.read_now(read_recent_facts, now - LATELY, MOST_LEADS)
        return measure_quality(facts, model, self._read_profile(version), now)

    def _read_profile(self, version: str) -> Profile | None:
        """The profile of the leads that a model learned from, where its registry has one and can be read."""
        try:
            trained = self.registry.training_profile(version) if self.registry else None
        except RegistryError:
            return None
        return trained.profile if trained else None

    def _read_delivered(self, _: None) -> Delivered:
        service = self._service
        if service.scorer.version is None:
            return Delivered(None)
        lately = CohortWindow.lately(service.scorer.champion.model.horizon_days, service.clock())
        found = Delivered.of(service.store.read_now(read_cohort, lately))
        return found if found.enough else Delivered.of(service.store.read_now(read_cohort, lately.everything))


def _champion_of(overview: Overview) -> str | None:
    return overview.champion.model.version if overview.champion else None


def records_of(request: Request) -> Records:
    """The service's."""
    return cast(Records, request.app.state.records)

"""One retraining, step by step, and the report of what came of it."""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from commands.database import open_store
from commands.training_runs.calibration_notes import calibration_notes
from commands.training_runs.exported_config import choose_spelling, read_from_export
from commands.user import user_name
from features.config import ScoringConfig
from features.errors import Refused
from features.history import History, read_history
from serving.store.calibration_cohort import CohortWindow, read_cohort
from serving.store.history.exporting import export_tables
from training.checks.data_changes import DataChange, DataCheckFailed, find_data_changes
from training.data.training_data import make_training_dataset
from training.evaluation.holdout import Champion
from training.pipeline import Settings, train
from training.registry import NoModel, Registry
from training.registry.log import log_run
from training.search.time_budget import ignore_progress
from training.training_run import TrainingRun

LogEvent = Callable[..., None]
ReportProgress = Callable[[str, float], None]
Ended = Literal["promoted", "ready", "held", "refused", "would promote", "would hold"]

SENTENCES: dict[Ended, str] = {
    "promoted": "Version {version} is champion, in place of {champion}.",
    "ready": "Version {version} is registered as challenger, and the gate lets it through. Champion: {champion}.",
    "held": "The champion stays {champion}; version {version} is registered as challenger.",
    "refused": "Refused: nothing was registered. The champion stays {champion}.",
    "would promote": "Dry run, nothing was registered: the new model would be champion, in place of {champion}.",
    "would hold": "Dry run, nothing was registered: the champion would stay {champion}.",
}


@dataclass(frozen=True)
class RetrainingReport:
    """What one `leads retrain` did and why: printed, kept as a file, and mailed by cron.

    `exported` is each file's SHA-256 by its name; `accepted` are changes that were let pass, `changes` the names of
    those that were not; `refusal` is the type of what it was refused for.
    """

    ended: Ended
    champion: str | None
    version: str | None
    started_at: datetime
    seconds: float
    leads: int
    won: float
    reasons: tuple[str, ...]
    accepted: tuple[str, ...]
    notes: tuple[str, ...]
    exported: dict[str, str]
    changes: tuple[str, ...] = ()
    refusal: str | None = None

    @property
    def champion_stays(self) -> bool:
        return self.ended in ("ready", "held", "would hold", "refused")

    def sentences(self) -> Iterator[str]:
        """The report as lines of text, the answer first."""
        yield SENTENCES[self.ended].format(
            version=self.version, champion=f"version {self.champion}" if self.champion else "none"
        )
        if self.leads:
            yield f"  learned from {self.leads:,} leads, {self.won:,.0f} of them won, in {self.seconds:.0f} s"
        yield from (f"  {reason}" for reason in self.reasons)
        yield from (f"  accepted: {change}" for change in self.accepted)
        yield from (f"  note: {note}" for note in self.notes)


@dataclass
class Retraining:
    """What is asked for, and what is known so far; `report` gives it at any time."""

    config: ScoringConfig
    settings: Settings
    registry: Registry
    champion: Champion | None
    accept: Collection[str]
    log_event: LogEvent
    started_at: datetime
    report_progress: ReportProgress = ignore_progress
    accepted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    exported: dict[str, str] = field(default_factory=dict)
    run: TrainingRun | None = None
    version: str | None = None
    changes: tuple[str, ...] = ()

    @property
    def champion_version(self) -> str | None:
        """Who was champion when this began."""
        return self.champion.model.version if self.champion else None

    def export(self, folder: Path) -> None:
        """Write the store's tables into the folder, and read those from now on."""
        self.report_progress("reading the store", 0.0)
        with open_store() as store:
            files = store.read_now(export_tables, folder, ignore_progress, choose_spelling(self.config))
            if self.champion is not None:
                lately = CohortWindow.lately(self.champion.model.horizon_days, self.started_at)
                self.notes += tuple(calibration_notes(store.read_now(read_cohort, lately)))
        self.config = read_from_export(self.config, folder, {file.file.stem for file in files if file.rows})
        self.exported = {file.file.name: file.sha256 for file in files}
        self.log_event("retrain.exported", folder=folder, **{file.file.stem: file.rows for file in files})

    def train(self) -> None:
        """Check the data against the champion's training profile, then train and evaluate; nothing is stored.

        Raises:
            DataCheckFailed: with every change that was not accepted.
        """
        history = read_history(self.config)
        self._check_data(history)
        self.run = train(self.config, history, self.settings, self.champion, time.monotonic, self.report_progress)
        loss = f"{self.run.evaluation.metrics['log_loss'].value:.4f}"
        self.log_event("retrain.trained", candidate=self.run.chosen, leads=len(self.run.dataset), log_loss=loss)

    def keep(self, *, promote: bool = True) -> Ended:
        """Register the model that was trained; where the gate lets it through and it may, make it champion."""
        if self.run is None:
            raise RuntimeError("there is nothing to keep before `train`")
        self.report_progress("registering the model", 1.0)
        tags = {"retrain.accepted": "\n".join(self.accepted), "retrain.leads_sha256": self.exported.get("leads.csv")}
        tagged = replace(self.run, tags={name: value for name, value in tags.items() if value})
        self.version = log_run(tagged, self.registry.location)
        self.log_event("retrain.registered", version=self.version)
        if not self.run.decision.promoted or not self._has_same_champion():
            return "held"
        if not promote:
            return "ready"
        by, why = f"{user_name()} by leads retrain", self.run.decision.reasons[-1]
        self.registry.promote(self.version, by=by, why=why, at=datetime.now(UTC))
        return "promoted"

    def report(self, ended: Ended, refusal: Refused | None = None) -> RetrainingReport:
        """The report as far as it is known."""
        run = self.run
        return RetrainingReport(
            ended=ended,
            champion=self.champion_version,
            version=self.version,
            started_at=self.started_at,
            seconds=round((datetime.now(UTC) - self.started_at).total_seconds(), 1),
            leads=len(run.dataset) if run else 0,
            won=float(run.dataset.won.sum()) if run else 0.0,
            reasons=(str(refusal),) if refusal else run.decision.reasons if run else (),
            accepted=self.accepted,
            notes=(*self.notes, *(run.notes if run else ())),
            exported=self.exported,
            changes=self.changes,
            refusal=type(refusal).__name__ if refusal else None,
        )

    def _check_data(self, history: History) -> None:
        version = self.champion_version
        if version is None:
            return
        profile = self.registry.training_profile(version)
        if profile is None:
            self.notes += (f"champion {version} keeps no profile of its leads, so the data were not held against it",)
            return
        settings = self.settings
        dataset = make_training_dataset(self.config, history, settings.as_of, settings.today, settings.seed)
        found = tuple(find_data_changes(profile, dataset, self.config.lead_schema, self.settings.seed))
        self.log_event("retrain.compared", champion=version, changes=len(found))
        self._note_accepted(found)
        if refused := tuple(change for change in found if change.name not in self.accept):
            self.changes = tuple(change.name for change in refused)
            raise DataCheckFailed(version, refused)

    def _note_accepted(self, found: Collection[DataChange]) -> None:
        self.accepted = tuple(str(change) for change in found if change.name in self.accept)
        idle = sorted({*self.accept} - {change.name for change in found})
        self.notes += tuple(f"--accept {name} was not needed: there is no such change" for name in idle)

    def _has_same_champion(self) -> bool:
        try:
            now = self.registry.champion_version()
        except NoModel:
            now = None
        if now != self.champion_version:
            self.notes += (f"version {now} became champion meanwhile, which this one was not judged against",)
        return now == self.champion_version

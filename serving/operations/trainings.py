"""Trainings that are started from a page: one at a time over all processes, run by the one that began it."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from typing import cast

from fastapi import Request

from serving.event_log import log_event
from serving.operations.training_process import STOP_CODE, TrainingEnd, TrainingOrder, follow, training_process
from serving.settings import Settings
from serving.store import Store, StoreUnavailable, trainings
from serving.store.trainings import State, Training

BEAT_SECONDS = 1.0
PATIENCE_SECONDS = 20.0
"""How long a store that is away may stay so before the training is given up; its lease lasts little longer."""
STARTING = "starting"
BY_HAND, WITH_SERVICE = "stopped by hand", "the service was stopped"


class ToldToStop(Exception):
    """The training is to stop, or cannot say any more that it is at work."""


class Trainings:
    """The training that this process runs, if any."""

    def __init__(
        self, store: Store, settings: Settings, clock: Callable[[], datetime], count: Callable[[str], None]
    ) -> None:
        self._store, self._settings, self._clock, self._count = store, settings, clock, count
        self._task: asyncio.Task[None] | None = None

    async def start(self, order: TrainingOrder, by: str) -> bool:
        """Start one; False while another is at work, here or in another process."""
        begun = await self._store.write(trainings.begin, by, asdict(order), self._clock())
        if begun is None:
            return False
        log_event("training.started", training=begun.training_id, budget_s=order.budget_s)
        self._task = asyncio.create_task(self._run(begun, order), name="training")
        return True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """To the end of the block trainings may be started; one that runs then is stopped, and noted as stopped."""
        try:
            yield
        finally:
            if self._task is not None:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    await self._task

    async def _run(self, training: Training, order: TrainingOrder) -> None:
        state: State = "failed"
        ended = TrainingEnd()
        try:
            ended = await self._follow(training, order)
            state = _state_of(ended)
        except asyncio.CancelledError:
            state, ended = "stopped", TrainingEnd(message=WITH_SERVICE)
        except ToldToStop:
            state, ended = "stopped", TrainingEnd(message=BY_HAND)
        except Exception as error:  # noqa: BLE001 - told on the page, and in the log
            log_event("training.not_run", logging.ERROR, error, training=training.training_id)
        message = ended.message or (describe_code(ended.code) if state == "failed" else "")
        level = logging.ERROR if state == "failed" else logging.INFO
        log_event("training.ended", level, training=training.training_id, state=state, code=ended.code)
        if ended.frames:
            log_event("training.crashed", logging.ERROR, training=training.training_id, raised_in=ended.frames)
        self._count(state)
        with suppress(StoreUnavailable):  # without its lease it is lost, which the page says too
            await self._store.write(trainings.end, training.training_id, state, ended.report, message, self._clock())

    async def _follow(self, training: Training, order: TrainingOrder) -> TrainingEnd:
        """Run it, and say every second how far it is."""
        at = (STARTING, 0.0)

        def report_progress(step: str, share: float) -> None:
            nonlocal at
            at = step, share

        settings = self._settings
        async with training_process(order, settings.scoring_file, settings.database_url) as process:
            following = asyncio.create_task(follow(process, report_progress))
            try:
                seen = asyncio.get_running_loop().time()
                while not following.done():
                    await asyncio.wait({following}, timeout=BEAT_SECONDS)
                    seen = await self._renew(training.training_id, *at, seen)
                return await following
            finally:
                following.cancel()

    async def _renew(self, training_id: str, step: str, share: float, seen: float) -> float:
        """When the store was told last, by the loop's clock.

        Raises:
            ToldToStop: where it is to stop.
        """
        now = asyncio.get_running_loop().time()
        try:
            goes_on = await self._store.write(trainings.renew, training_id, step, share, self._clock())
        except StoreUnavailable:
            if now - seen > PATIENCE_SECONDS:
                raise ToldToStop from None
            return seen
        if not goes_on:
            raise ToldToStop
        return now


def _state_of(ended: TrainingEnd) -> State:
    if ended.report is not None and ended.report.get("version"):
        return "done"
    if ended.code in (STOP_CODE, -signal.SIGINT, -signal.SIGTERM):
        return "stopped"
    return "refused" if ended.code == 1 and ended.message else "failed"


def describe_code(code: int) -> str:
    """How a process ended that did not say why: the signal's name, or its exit code."""
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def trainings_of(request: Request) -> Trainings:
    """The service's."""
    return cast(Trainings, request.app.state.trainings)

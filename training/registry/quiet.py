"""Keeps MLflow's progress and warnings off the terminal; errors still come out as exceptions."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

CHATTY = ("mlflow", "alembic")
LONGEST_ANSWER_SECONDS = 10.0
MLFLOW_WARNINGS = (
    "The ``noload`` loader strategy is deprecated",  # MLflow 3.17 on SQLAlchemy 2.1
    "Operation with range is deprecated",  # MLflow 3.17 on pandas 3.1
    ".*Any type hint is inferred as AnyType",  # MLflow 3.17 of its own type hints, when it is imported
)


@contextmanager
def quiet() -> Iterator[None]:
    """No progress of MLflow and Alembic in the log, and no warning that only MLflow can mend."""
    loggers = [logging.getLogger(name) for name in CHATTY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for message in MLFLOW_WARNINGS:
                warnings.filterwarnings("ignore", message=message)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def without_progress_bars() -> None:
    """Bars are the caller's to draw; MLflow takes this wish from the environment alone."""
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


def answer_within(seconds: float) -> None:
    """Have MLflow give up a server that does not answer within so long, unless the environment says otherwise.

    For whoever asks over and over: MLflow's own patience, of two minutes and seven tries, is for uploads. It never
    waits longer than `LONGEST_ANSWER_SECONDS`, for who asks once an hour would else notice a hung server an hour late.
    """
    patience = min(seconds, LONGEST_ANSWER_SECONDS)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", str(max(1, round(patience))))
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")

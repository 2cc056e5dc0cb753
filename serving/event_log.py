"""What the service tells its operators: dotted events with fields, one JSON object a line on standard error.

No body, no field's value and no exception's text is ever written: they may hold personal data.
"""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

LOGGER = "leads"
FRAMES = 6

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def log_event(name: str, level: int = logging.INFO, error: BaseException | None = None, **fields: object) -> None:
    """Write one event, such as `scorer.swapped`, with its fields."""
    logging.getLogger(LOGGER).log(level, name, extra={"fields": fields}, exc_info=error)


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.name if record.name != LOGGER else record.getMessage(),
            **({} if record.name == LOGGER else {"message": record.getMessage()}),
            **({"request_id": known} if (known := request_id.get()) else {}),
            **getattr(record, "fields", {}),
            **(_error_fields(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}),
        }
        return json.dumps(line, default=str, ensure_ascii=False)


def _error_fields(error: BaseException) -> dict[str, object]:
    """What was raised, and where."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "error": type(error).__name__,
        "raised_in": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {LOGGER: {"level": "INFO"}, "urllib3.connectionpool": {"level": "ERROR"}},
}
"""For `logging.config.dictConfig`: every record of a process to standard error, as JSON lines."""

"""The ways in which a call to another service fails: come back later, access refused, or not taken as it is."""

from datetime import UTC, datetime

from connectors.retry_after import parse_retry_after

UNAUTHORIZED = frozenset({401, 403})
BUSY = frozenset({408, 425, 429})


class NotTaken(Exception):
    """A call that may not have arrived: it can be made again, after `wait` seconds where the service says so."""

    def __init__(self, trouble: str, wait: float | None = None) -> None:
        super().__init__(trouble)
        self.trouble, self.wait = trouble, wait


class BatchRefused(Exception):
    """A call that the service will not take as it is."""


class AccessRefused(Exception):
    """The token, or what it may do, is refused: no other call would be taken either."""


def check_status(status: int, retry_after: str | None) -> None:
    """Raise what a status says of a call; nothing of a 2xx. What the body says may name a person, and is not kept."""
    said = f"HTTP {status}"
    if 200 <= status < 300:
        return
    if status in UNAUTHORIZED:
        raise AccessRefused(said)
    if status in BUSY or status >= 500:
        raise NotTaken(said, _read_wait(retry_after))
    raise BatchRefused(said)


def _read_wait(retry_after: str | None) -> float | None:
    """The seconds that the service asks to wait, none where the time that it names is over."""
    seconds = parse_retry_after(retry_after, datetime.now(UTC))
    return None if seconds is None else max(seconds, 0.0)

"""The history of promotions, as tags of the registered model: one each, so that none overwrites another."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from training.registry.records import Promotion

PREFIX = "promotion."

_KEY = f"{PREFIX}%Y-%m-%dT%H:%M:%S.%fZ"


def to_tag(promotion: Promotion) -> tuple[str, str]:
    """The tag's key, which sorts by time, and its value."""
    state = {
        "version": promotion.version,
        "previous": promotion.previous,
        "by": promotion.by,
        "why": promotion.why,
        "is_rollback": promotion.is_rollback,
    }
    return promotion.at.astimezone(UTC).strftime(_KEY), json.dumps(state, ensure_ascii=False)


def from_tags(tags: Mapping[str, str]) -> tuple[Promotion, ...]:
    """Every promotion among the tags, oldest first."""
    return tuple(
        Promotion(at=datetime.strptime(key, _KEY).replace(tzinfo=UTC), **json.loads(value))
        for key, value in sorted(tags.items())
        if key.startswith(PREFIX)
    )


def find_previous(champion: str, history: Sequence[Promotion]) -> str | None:
    """The version to go back to: who was champion before, with what was rolled back already left out."""
    line: list[str] = []
    for promotion in _completed(champion, history):
        if promotion.is_rollback:
            while line and line[-1] != promotion.version:
                line.pop()
        else:
            line.append(promotion.version)
    while line and line[-1] == champion:
        line.pop()
    return line[-1] if line else None


def _completed(champion: str, history: Sequence[Promotion]) -> list[Promotion]:
    """The promotions without those that were broken off: noted, but the champion went on to be who it was before."""
    afterwards = [*(promotion.previous for promotion in history[1:]), champion]
    return [one for one, then in zip(history, afterwards, strict=True) if then is None or then != one.previous]

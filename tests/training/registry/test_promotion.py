from datetime import UTC, datetime, timedelta

import pytest
from mlflow import MlflowClient

from training.registry import NoModel, NothingToRollBack, Promotion, Registry
from training.registry.promotions import find_previous, from_tags, to_tag

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def promote(registry: Registry, version: str, hour: int) -> Promotion:
    return registry.promote(version, by="ann", why="it is better", at=NOON + timedelta(hours=hour))


def roll_back(registry: Registry, hour: int) -> Promotion:
    return registry.rollback(by="ben", why="complaints", at=NOON + timedelta(hours=hour))


def test_the_newest_model_is_the_challenger_and_nobody_is_champion(registry: Registry) -> None:
    assert registry.version_of("challenger") == "3"
    with pytest.raises(NoModel, match=r"no champion .* run `leads train`"):
        registry.champion_version()


def test_a_promoted_model_is_champion_and_no_longer_challenger(registry: Registry) -> None:
    promote(registry, "challenger", 0)
    assert registry.champion_version() == "3"
    with pytest.raises(NoModel, match="no challenger"):
        registry.version_of("challenger")


def test_another_model_stays_challenger_when_one_is_promoted(registry: Registry) -> None:
    promote(registry, "1", 0)
    assert registry.version_of("challenger") == "3"


def test_a_promotion_remembers_who_when_why_and_after_whom(registry: Registry) -> None:
    promote(registry, "1", 0)
    promote(registry, "2", 1)
    assert registry.history() == (
        Promotion("1", None, NOON, "ann", "it is better"),
        Promotion("2", "1", NOON + timedelta(hours=1), "ann", "it is better"),
    )


def test_rollback_goes_back_one_champion_at_a_time(registry: Registry) -> None:
    for hour, version in enumerate(("1", "2", "3")):
        promote(registry, version, hour)
    assert roll_back(registry, 3) == Promotion(
        "2", "3", NOON + timedelta(hours=3), "ben", "complaints", is_rollback=True
    )
    assert registry.champion_version() == "2"
    roll_back(registry, 4)
    assert registry.champion_version() == "1"
    with pytest.raises(NothingToRollBack, match="before model 1"):
        roll_back(registry, 5)


def test_rollback_after_a_rollback_and_a_promotion_returns_to_the_one_before(registry: Registry) -> None:
    for hour, version in enumerate(("1", "2")):
        promote(registry, version, hour)
    roll_back(registry, 2)
    promote(registry, "3", 3)
    roll_back(registry, 4)
    assert registry.champion_version() == "1"


def test_rollback_works_where_someone_moved_the_alias_by_hand(registry: Registry) -> None:
    promote(registry, "1", 0)
    registry.client.set_registered_model_alias("lead-scoring", "champion", "3")
    assert roll_back(registry, 1).version == "1"


class Killed(MlflowClient):
    """Ends the process, as it were, when the champion is to be named."""

    def set_registered_model_alias(self, *_: str) -> None:
        raise KeyboardInterrupt


def test_a_promotion_that_was_broken_off_is_told_and_not_gone_back_to(registry: Registry) -> None:
    promote(registry, "1", 0)
    promote(registry, "2", 1)
    whole, registry.client = registry.client, Killed(registry.location.tracking_uri)
    with pytest.raises(KeyboardInterrupt):
        promote(registry, "3", 2)
    registry.client = whole

    assert (registry.champion_version(), registry.history()[-1].version) == ("2", "3")
    assert roll_back(registry, 3).version == "1"
    promote(registry, "3", 4)
    assert roll_back(registry, 5).version == "1"


def test_a_version_that_is_not_there_cannot_be_promoted(registry: Registry) -> None:
    for which in ("9", "nonsense"):
        with pytest.raises(NoModel, match=f"no model {which} .* `leads models list`"):
            promote(registry, which, 0)


def test_the_history_survives_its_tags() -> None:
    told = Promotion("2", "1", NOON, "Zoë", 'said "so"', is_rollback=True)
    assert from_tags({"other": "1", **dict([to_tag(told)])}) == (told,)


def test_before_looks_past_a_champion_promoted_twice() -> None:
    history = [Promotion(version, None, NOON, "ann", "") for version in ("1", "2", "2")]
    assert find_previous("2", history) == "1"

import datetime as dt

from analytics.leads_as_of.groups import Period
from analytics.reference.choose import KnownModel, choose_reference


def day(month: int, number: int = 1) -> dt.datetime:
    return dt.datetime(2026, month, number, tzinfo=dt.UTC)


BEFORE, AFTER = Period(day(4), day(5)), Period(day(5), day(6))


def model(version: str, until: dt.datetime, since: dt.datetime | None = None, horizon_days: int = 90) -> KnownModel:
    return KnownModel(version, horizon_days, until, since)


def test_the_newest_model_that_learned_from_neither_period_judges() -> None:
    models = [model("1", day(2)), model("2", day(3, 31)), model("3", day(4, 2)), model("4", day(5, 20))]
    chosen = choose_reference(models, BEFORE, AFTER, 90)
    assert chosen.version == "2"
    assert chosen.says == "Model 2 judges both periods: the newest that learned from neither."


def test_a_model_that_learned_only_from_later_leads_has_seen_neither() -> None:
    chosen = choose_reference([model("1", day(2)), model("5", day(8), since=day(6, 1))], BEFORE, AFTER, 90)
    assert chosen.version == "5"


def test_a_model_of_the_day_on_which_the_earlier_period_begins_has_seen_none_of_it() -> None:
    chosen = choose_reference([model("2", day(3)), model("3", day(4))], BEFORE, AFTER, 90)
    assert chosen.version == "3"


def test_a_model_that_has_seen_a_periods_outcomes_never_judges_it() -> None:
    seen = [model("3", day(4, 2)), model("4", day(5, 20), since=day(5, 10))]
    chosen = choose_reference(seen, BEFORE, AFTER, 90)
    assert chosen.version is None
    assert chosen.train_before == day(4)
    assert "may have learned from leads of these periods, which begin on 2026-04-01; the oldest, 3," in chosen.says
    assert "was trained on leads that arrived before 2026-04-02" in chosen.says
    assert "on leads that arrived before 2026-04-01, or out of fold" in chosen.says


def test_a_model_that_tells_no_lead_from_another_is_passed_over_and_that_is_said() -> None:
    rates = KnownModel("2", 90, day(3), tells_apart=False)
    assert choose_reference([model("1", day(2)), rates], BEFORE, AFTER, 90).version == "1"
    assert (
        "model 2 learned from neither period but tells no lead from another"
        in choose_reference([rates], BEFORE, AFTER, 90).says
    )


def test_a_model_for_another_horizon_cannot_judge() -> None:
    chosen = choose_reference([model("1", day(2), horizon_days=30)], BEFORE, AFTER, 90)
    assert chosen.version is None
    assert "there is no stored model" in chosen.says

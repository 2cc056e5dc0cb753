"""What is said to a platform: each conversion once, each change once, and why a lead is left out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.ads.lead import AdLead, Kind, State, Stated, Statement
from connectors.ads.plan import FINAL, NO_ORDER, UNCONFIRMED, Earlier
from tests.connectors.ads.leads import FIELDS, NOW, lead, outcome, plan, platform, statements


def as_stated(*said: Statement, state: State = "confirmed", name: str = "google-data-manager") -> Earlier:
    """What the store has once these were said."""
    earlier: dict[tuple[str, str], list[Stated]] = {}
    for one in said:
        row = Stated(
            f"cv-{one.event_id}-{one.number}", name, one.stage, one.number, one.kind, one.value, one.happened_at,
            one.stated_at, state,
        )  # fmt: skip
        earlier.setdefault((one.lead.lead_id, one.stage), []).append(row)
    return earlier


def changed(before: AdLead, after: AdLead, name: str = "google-data-manager", state: State = "confirmed", by: str = ""):
    """The plan after a lead changed that was said before."""
    first = statements(platform(name), before)
    return plan(platform(by or name), after, earlier=as_stated(*first, state=state, name=name))


def test_a_lead_is_worth_its_probability_times_the_margin_and_is_said_once():
    made = platform("google-ads")
    (said,) = statements(made, lead())

    assert (said.value, said.kind, said.event_id) == (149.5, Kind.NEW, "L-1")
    assert not statements(made, lead(), earlier=as_stated(said, name="google-ads"))


def test_margin_is_of_the_lead_s_own_value_and_of_its_source():
    (said,) = statements(platform("google-ads"), lead(value=400.0, source="Fair", probability=0.5))

    assert said.value == 50.0


def test_a_product_may_say_what_a_lead_is_worth():
    made = platform("google-ads", margin={"by": "product", "values": {"pro": 100.0}, "shares": {"pro": 0.1}})

    assert statements(made, lead(fields={**FIELDS, "product": "pro"}))[0].value == 2.99
    assert "of unknown worth" in next(iter(plan(made, lead()).left_out))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"fields": {}}, "without gclid"),
        ({"fields": {"gclid": "{gclid}"}}, "without gclid"),
        ({"fields": {"gclid": "undefined"}}, "without gclid"),
        ({"probability": None}, "without a score"),
        ({"arrived": NOW - timedelta(days=91)}, "older than the 90 days"),
        ({"outcome": outcome("lost")}, "lost before they were sent"),
        ({"source": "Fair"}, "of a source that is held back"),
    ],
)
def test_a_lead_that_cannot_be_said_is_counted_with_the_reason(given, reason):
    made = plan(platform("google-ads"), lead(**given), held=frozenset({"Fair"}))

    assert not made.statements
    assert [count for told, count in made.left_out.items() if told.startswith(reason)] == [1]


def test_the_click_s_own_time_counts_for_the_window_where_a_field_says_it():
    fields = {**FIELDS, "clicked": (NOW - timedelta(days=95)).isoformat()}
    made = platform("google-ads", fields={"clicked_at": "clicked"})

    assert not statements(made, lead(arrived=NOW - timedelta(days=89), fields=fields))
    assert statements(made, lead(arrived=NOW - timedelta(days=89)))


def test_a_held_source_s_known_wins_are_said_for_nothing_in_them_is_a_promise():
    (said,) = statements(
        platform("google-ads"), lead(source="Fair", outcome=outcome("won", 2000.0)), held=frozenset({"Fair"})
    )

    assert said.value == 500.0


def test_two_leads_of_one_click_in_the_same_second_are_said_once_and_told():
    made = plan(platform("google-ads"), lead("L-1"), lead("L-2"), lead("L-3", arrived=NOW - timedelta(hours=3)))

    assert [one.event_id for one in made.statements] == ["L-1", "L-3"]
    assert next(iter(made.left_out)).startswith("of the same click")


def test_a_win_is_restated_with_what_it_brought_and_a_loss_to_0_each_once():
    won = changed(lead(), lead(outcome=outcome("won", 3000.0))).statements[0]
    lost = changed(lead(), lead(outcome=outcome("lost"))).statements[0]

    assert (won.kind, won.value, won.number, won.event_id) == (Kind.RESTATE, 1500.0, 1, "L-1")
    assert (lost.kind, lost.value) == (Kind.RESTATE, 0.0)
    assert won.stated_at > won.happened_at
    same = plan(
        platform("google-data-manager"),
        lead(outcome=outcome("won", 3000.0)),
        earlier=as_stated(*statements(platform("google-data-manager"), lead()), won),
    )
    assert not same.statements
    assert not same.left_out


def test_an_outcome_that_is_withdrawn_brings_the_first_value_back_at_a_later_time():
    made = platform("google-data-manager")
    (first,) = statements(made, lead())
    (lost,) = changed(lead(), lead(outcome=outcome("lost"))).statements
    (again,) = statements(made, lead(outcome=outcome("open")), earlier=as_stated(first, lost))

    assert (again.value, again.number) == (149.5, 2)
    assert again.stated_at > lost.stated_at


@pytest.mark.parametrize("state", ["written", "sent", "refused"])
def test_what_the_platform_did_not_confirm_is_not_changed(state):
    made = changed(lead(), lead(outcome=outcome("lost")), state=state)

    assert not made.statements
    assert made.left_out == {UNCONFIRMED: 1}


def test_google_s_adjustments_retract_what_was_lost_and_then_nothing_more():
    (taken,) = changed(
        lead(), lead(outcome=outcome("lost")), "google-ads-enhanced", by="google-ads-adjustments"
    ).statements
    first = statements(platform("google-ads-enhanced"), lead())
    earlier = as_stated(*first, name="google-ads-enhanced")
    earlier["L-1", "arrival"] = [*earlier["L-1", "arrival"], *as_stated(taken)["L-1", "arrival"]]
    late = plan(platform("google-ads-adjustments"), lead(outcome=outcome("won")), earlier=earlier)

    assert (taken.kind, taken.value) == (Kind.RETRACT, 0.0)
    assert late.left_out == {FINAL: 1}


def test_what_went_without_an_order_id_cannot_be_adjusted_and_adjustments_begin_nothing():
    made = changed(lead(), lead(outcome=outcome("lost")), "google-ads", by="google-ads-adjustments")

    assert made.left_out == {NO_ORDER: 1}
    assert not statements(platform("google-ads-adjustments"), lead())


def test_changes_end_with_the_platform_s_window():
    old = NOW - timedelta(days=60)
    made = changed(lead(arrived=old), lead(arrived=old, outcome=outcome("lost")))

    assert next(iter(made.left_out)).startswith("changed later than the 55 days")


def test_what_was_reserved_and_may_not_have_left_is_said_word_for_word():
    made = platform("google-data-manager")
    (first,) = statements(made, lead())
    (again,) = statements(
        made, lead(probability=0.9, outcome=outcome("won")), earlier=as_stated(first, state="pending")
    )

    assert replace(again, kept=None, lead=first.lead) == first
    assert again.kept == "cv-L-1-0"


def test_what_was_reserved_too_long_ago_is_given_up_and_told():
    made, old = platform("google-data-manager"), lead(arrived=NOW - timedelta(days=89))
    (first,) = statements(made, old)
    late = plan(made, old, earlier=as_stated(first, state="pending"), now=NOW + timedelta(days=5))

    assert (late.statements, late.late) == ((), ("cv-L-1-0",))
    assert sum(late.left_out.values()) == 1


def test_files_that_nobody_confirmed_can_be_said_again_but_not_those_that_were():
    made = platform("google-ads")
    (first,) = statements(made, lead())

    for state, expected in (("written", 1), ("refused", 1), ("confirmed", 0)):
        earlier = as_stated(first, state=state, name="google-ads")
        assert len(statements(made, lead(), earlier=earlier, again="unconfirmed")) == expected


def test_a_feed_shows_all_that_is_still_taken_as_it_was_stated():
    made = platform("google-ads")
    (first,) = statements(made, lead())
    earlier = as_stated(first, name="google-ads")
    known, new = statements(made, lead(), lead("L-2", arrived=NOW - timedelta(hours=1)), earlier=earlier, again="all")

    assert (known.is_known, known.value, new.is_known) == (True, 149.5, False)
    assert not statements(made, lead(), earlier=earlier, again="all", now=NOW + timedelta(days=90))


def test_meta_is_told_of_each_stage_within_its_days_and_of_qualified_leads_only_by_grade():
    made = platform("meta")
    won = lead(outcome=outcome("won", 800.0))
    told = [(one.stage, one.value, one.event_id) for one in statements(made, won)]

    assert told == [("lead", 149.5, "L-1.lead"), ("qualified", 149.5, "L-1.qualified"), ("won", 400.0, "L-1.won")]
    assert [one.stage for one in statements(made, lead(grade="C"))] == ["lead"]
    late = lead(arrived=NOW - timedelta(days=29), outcome=outcome("won"))
    assert not statements(made, late)
    old = lead(arrived=datetime(2026, 10, 10, tzinfo=UTC), scored_at=None, outcome=outcome("won"))
    assert [one.stage for one in statements(made, old)] == ["won"]

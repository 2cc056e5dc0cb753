"""How recent leads are filled in, beside those that the model learned from."""

from datetime import timedelta

import pytest

from features.data_profile import Profile
from features.lead_table import parse_leads
from serving.pages.data_quality.quality import DataQuality, FieldQuality, measure_quality
from serving.pages.data_quality.view import data_view
from serving.pages.page_context import PageContext
from serving.store.leads import LeadFacts
from serving.store.recent_facts import read_recent_facts
from tests.serving.crm import NOW
from tests.serving.models import LEAD, SCHEMA, history
from tests.serving.pages.floor import UTC_ZONE, Floor, Person
from training.model import ScoringModel


@pytest.fixture(scope="module")
def trained() -> Profile:
    """Of the leads that the model learned from, of which 95 of 100 have each field."""
    return Profile.of(parse_leads(history(), SCHEMA), SCHEMA)


def facts(number: int, source: str | None = "search", **fields: object) -> LeadFacts:
    sent = {**LEAD["fields"], "job title": "director", **fields}
    return LeadFacts(f"L-{number}", NOW, source, "brand", None, sent)


def by_name(quality: DataQuality) -> dict[str, FieldQuality]:
    return {one.field.name: one for one in quality.fields}


def test_what_is_empty_says_nothing_or_was_never_seen_is_counted(model: ScoringModel, trained: Profile) -> None:
    leads = [
        facts(1),
        facts(2, source="fair", age=999, colour="red"),
        facts(3, source=None, **{"job title": "Wizard"}),
        facts(4, age=None, colour=None),
        facts(5, age="old"),
    ]
    quality = measure_quality(leads, model, trained, NOW)
    field = by_name(quality)
    assert (quality.leads, quality.refused, quality.trained) == (4, 1, 400)
    assert (field["age"].filled, field["age"].placeholders, field["age"].refused) == (2, 1, 1)
    assert (field["utm_source"].filled, field["utm_source"].unseen) == (3, 1)
    assert (field["job title"].unseen, field["job title"].common) == (1, ())
    assert quality.unknown == (("colour", 1),)


def test_a_field_that_is_no_longer_filled_and_new_values_are_findings(model: ScoringModel, trained: Profile) -> None:
    leads = [facts(number, source="fair" if number < 20 else "search", age=None) for number in range(200)]
    view = data_view(measure_quality(leads, model, trained, NOW), PageContext(NOW, UTC_ZONE, "Ann", model))
    before = f"{100 * trained.fields['age'].fill_rate:.1f} %"
    assert view.answer == "2 things in the recent leads to look at"
    assert view.findings == (
        f"Age is filled in for 0.0 % of the leads; in training it was for {before}.",
        "UTM source: 10.0 % of the values were never seen in training, such as fair.",
    )
    assert view.table.rows[0] == ("Age", "number", before, "0.0 %", "0", "–", "0")


def test_leads_as_those_of_the_training_are_no_finding(model: ScoringModel, trained: Profile) -> None:
    """By chance alone no field stands out, nor does a value that hardly anybody holds."""
    columns = {"utm_source": "source", "utm_campaign": "campaign"}
    rows = history().head(200).astype(object).where(lambda cells: cells.notna(), None).to_dict("records")
    leads = [
        LeadFacts(
            row["id"], NOW, row["utm_source"], row["utm_campaign"], None,
            {name: value for name, value in row.items() if name not in {*columns, "id", "created", "calls"}},
        )
        for row in rows
    ]  # fmt: skip
    leads[0] = facts(0, source="fair")
    view = data_view(measure_quality(leads, model, trained, NOW), PageContext(NOW, UTC_ZONE, "Ann", model))
    assert view.findings == ()
    assert view.answer == "The recent leads are filled in as those that the model learned from"


def test_the_page_shows_the_newest_leads_and_says_what_it_does_not_know(either_floor: Floor) -> None:
    floor = either_floor
    ann = floor.person()
    for number, days in enumerate((1, 2, 40)):
        fields = LEAD["fields"] | {"favourite colour": "red"}
        floor.put(f"L-{number}", created_at=(NOW - timedelta(days=days)).isoformat(), fields=fields)
    newest = floor.store.read_now(read_recent_facts, NOW - timedelta(weeks=4), 1)
    assert [one.lead_id for one in newest] == ["L-0"]
    shown = page_that_is_read(floor, ann)
    assert "Too few leads arrived lately" in shown
    assert "The newest 2 leads of the last four weeks, as they stood at 10:00 UTC." in shown
    assert "What the training leads held was not kept with this model." in shown
    assert "Age number – 100.0 % 0 – 0" in shown
    assert "favourite colour 2" in shown
    assert floor.person(scope="score").get("/model/data").status_code == 403


def test_without_leads_there_is_nothing_to_say(floor: Floor) -> None:
    assert "No lead arrived in the last four weeks" in page_that_is_read(floor, floor.person())


def test_until_the_leads_are_read_the_page_says_so_and_asks_again_by_itself(model: ScoringModel) -> None:
    view = data_view(None, PageContext(NOW, UTC_ZONE, "Ann", model))
    assert (view.answer, view.is_coming) == ("The leads are being read", True)


def page_that_is_read(floor: Floor, reader: Person) -> str:
    """The page, of the leads that there are now."""
    floor.app.state.records.refresh()
    return reader.page("/model/data")

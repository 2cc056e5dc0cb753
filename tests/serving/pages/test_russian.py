"""Every page in Russian, with nothing left in English but names of fields, their values and commands."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from language.choice import use_language
from serving.pages import formatting
from serving.settings import Settings
from tests.serving.crm import NOW, Clock
from tests.serving.models import LEAD, SCHEMA
from tests.serving.pages.floor import Floor, Person, opened, text_of
from tests.serving.pages.leftovers import english_left
from training.model import ScoringModel

RUSSIAN = {"accept-language": "ru-RU,ru;q=0.9,en;q=0.8"}
NAMES_IN_ENGLISH = ("score sales team report feed admin", Settings().working_hours, Settings().lost_reasons)
DATA = (json.dumps(LEAD), "Ann Lea", " ".join(field.name for field in SCHEMA.fields), "arrival")


def _russian(person: Person) -> Person:
    person.client.headers.update(RUSSIAN)
    return person


@pytest.fixture(scope="module")
def busy(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A floor with leads that wait, are claimed, were called, and came to something; its tests only look."""
    url = f"sqlite:///{tmp_path_factory.mktemp('russian')}/leads.db"
    with opened(url, model, Clock()) as floor:
        for lead_id in ("L-1", "L-2", "L-3", "L-4", "L-5"):
            floor.put(lead_id)
        ann = floor.person()
        ann.act("/queue/call", lead_id="L-2", result="callback", again="1h", note="Спросить Бориса", minutes="4")
        ann.act("/queue/call", lead_id="L-3", result="lost", reason="No budget")
        ann.act("/queue/call", lead_id="L-4", result="not_reached", again="1d")
        floor.clock.now = NOW + timedelta(hours=2)
        ann.act("/queue/claim", lead_id="L-1")
        floor.app.state.records.refresh()
        yield floor


PAGES = (
    "/queue",
    "/queue?lead=L-1",
    "/queue?order=wait&grade=A",
    "/queue?order=cost&age=hour",
    "/queue?said=full",
    "/leads/L-1",
    "/leads/L-2",
    "/leads/L-3",
    "/leads/no-such-lead",
    "/leads",
    "/leads?from=2026-01-01&to=2027-01-01&source=search&without=agent&outcome=won&within=90&tried=no&promised=yes",
    "/leads?within=soon",
    "/search?q=L-",
    "/search?q=nobody",
    "/search",
    "/day",
    "/team",
    "/model",
    "/model/grades?a=20",
    "/model/data",
    "/try",
    "/try?lead=L-1",
    "/try/file",
    "/no-such-page",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_russian_has_no_english_left(busy: Floor, path: str) -> None:
    answer = _russian(busy.person("Lea", "team") if path == "/team" else busy.person()).get(path)
    assert '<html lang="ru">' in answer.text
    assert answer.headers["content-language"] == "ru"
    assert "Accept-Language" in answer.headers["vary"]
    assert english_left(answer.text, (*DATA, path)) == []


def test_the_admins_pages_in_russian_have_no_english_left(busy: Floor) -> None:
    olga = _russian(busy.person("Olga", "admin"))
    for path in ("/admin", "/admin/keys", "/admin/versions", "/admin/training", "/admin/webhooks", "/admin/targets"):
        assert english_left(olga.get(path).text, (*DATA, *NAMES_IN_ENGLISH)) == [], path


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in?next=/queue", "/first-key?token=x"])
def test_a_stranger_is_met_in_russian(floor: Floor, path: str) -> None:
    assert english_left(_russian(floor.stranger()).get(path).text, DATA) == []


def test_what_the_model_notes_of_a_tried_lead_reads_as_on_the_leads_own_page(floor: Floor) -> None:
    floor.put("L-1", created_at="1999-03-02T09:30:00Z", source="expo")
    ann = _russian(floor.person())
    tried = ann.send("/try", created_at="1999-03-02T09:30", source="expo").text
    assert english_left(tried, DATA) == []
    for noted in ("такого значения поля «utm_source» при обучении не было", "вряд ли лид поступил в этот день"):
        assert noted in text_of(tried)
        assert noted in ann.page("/leads/L-1")


def test_a_day_in_russian_reads_as_one_says_it(busy: Floor) -> None:
    shown = _russian(busy.person()).page("/day")
    assert "Перезвонить сегодня: 1, сделано звонков: 3, дозвонились: 2" in shown
    assert "срок: 11:00 UTC, просрочка 1 ч" in shown
    assert "дозвонились, 4 мин; перезвонить: 11:00" in shown


def test_a_refusal_is_in_the_readers_language_and_the_apis_in_english(floor: Floor) -> None:
    stranger = _russian(floor.stranger())
    refused = stranger.client.post("/sign-in", data={"key": "leads_no_such", "next": "/queue"})
    assert "Мы не знаем такого ключа. Возможно, он отозван." in refused.text
    assert stranger.client.get("/v1/leads/L-1").json()["title"] == "A key is needed"


def test_readers_have_each_their_own_language_and_a_setting_goes_before_it(
    model: ScoringModel, tmp_path: Path, clock: Clock
) -> None:
    with opened(f"sqlite:///{tmp_path}/leads.db", model, clock, language="ru") as floor:
        answer = floor.stranger().client.get("/sign-in", headers={"accept-language": "en"})
        assert "<h1>Войти</h1>" in answer.text


def test_two_readers_at_once_have_each_their_own_language(floor: Floor) -> None:
    ann, ben = _russian(floor.person("Ann")), floor.person("Ben")
    assert ['<html lang="ru">' in ann.get("/day").text, '<html lang="en">' in ben.get("/day").text] == [True, True]
    assert "Мой день" in ann.get("/day").text


def test_numbers_and_times_in_russian() -> None:
    with use_language("ru"):
        assert formatting.share(0.0042) == "0,4 %"
        assert formatting.money(1_234_567.5) == "1\xa0234\xa0568"
        assert formatting.money(12.0) == "12"
        assert formatting.money(12.5) == "12,50"
        assert formatting.in_hundred(0.184) == "18 из 100"
        assert formatting.duration(3 * 86_400) == "3 дня"
        assert formatting.duration(2 * 3_600 + 780) == "2 ч 13 мин"

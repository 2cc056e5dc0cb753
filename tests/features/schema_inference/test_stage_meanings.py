"""What the values of an outcome column mean, in the words of CRMs and of eight languages."""

import pytest

from features.schema_inference.crm_catalogue import catalogue
from features.schema_inference.stage_meanings import Meaning, Stages

WON = (
    "Closed Won|7 - Closed Won|06 Closed Won|[06] Won|Closed won (Sales Pipeline)|ClosedWon|closedwon|"
    "Closed - Converted|CONVERTED|C1:WON|Gewonnen|Geschlossen und gewonnen|Clôturée gagnée|Cloturee gagnee|"
    "Cerrada ganada|Fechado e ganho|Chiuso vinto|Успешно реализовано|Сделка успешна|Успешная сделка|Wygrana|"
    "Customer|Converted to customer|Won (upsell)"
)
LOST = (
    "Closed Lost|Closed Lost to Competition|Closed Lost - Won by competitor|Lost (no budget)|"
    "Closed - Not Converted|Out-Sold|Junk Lead|Not Responding|Just Enquiry|Duplicate|Wrong number|"
    "Unqualified - Bad fit|Won't buy|Dead Opportunity|Lost customer|Nicht gewonnen|Verloren - Preis|Absage|"
    "Perdu - trop cher|Sans suite|Cerrada perdida|Fechado perdido|Chiuso perso|Verloren|"
    "Закрыто и не реализовано|Сделка провалена|Отказ клиента|Przegrana"
)
NEITHER = (
    "Won by competitor|Competitor won|Wettbewerber gewonnen|Gagné par un concurrent|Ganado por la competencia|"
    "Won - cancelled|Gewonnen (storniert)|Converted (lost)|Converted to nurture|"
    "Likely to be won|To be converted|80% Verbal Won|Not lost|Contract sent|Person|Offen|En cours|Qualified|P4|1|yes"
)


@pytest.mark.parametrize("text", WON.split("|"))
def test_a_stage_that_says_won_in_any_language_is_won(text: str) -> None:
    assert Stages().meaning(text) is Meaning.WON


@pytest.mark.parametrize("text", LOST.split("|"))
def test_a_stage_that_says_lost_and_why_is_lost(text: str) -> None:
    assert Stages().meaning(text) is Meaning.LOST


@pytest.mark.parametrize("text", NEITHER.split("|"))
def test_what_is_not_sure_is_neither(text: str) -> None:
    assert Stages().meaning(text) not in (Meaning.WON, Meaning.LOST)


@pytest.mark.parametrize("text", ["Junk Lead", "Duplicate", "Wrong number", "Spam", "Dublette", "Дубль", "Test lead"])
def test_what_never_was_a_lead_is_asked_about(text: str) -> None:
    assert Stages().is_no_lead(text)


@pytest.mark.parametrize("text", ["Lost", "Not Responding", "Absage", "No budget", "Contest"])
def test_a_lead_that_was_lost_was_one(text: str) -> None:
    assert not Stages().is_no_lead(text)


def test_the_same_value_means_what_its_crm_means_by_it() -> None:
    bitrix = next(
        export for export in catalogue().exports if (export.crm, export.about) == ("Bitrix24", "deals export")
    )
    assert Stages().meaning("APOLOGY") is None
    assert Stages(bitrix).meaning("APOLOGY") is Meaning.LOST
    assert Stages(bitrix).meaning("C2:LOSE") is Meaning.LOST


@pytest.mark.parametrize("text", ["No purchase", "Not sold", "never enrolled", "2 - Not signed", "nicht verkauft"])
def test_a_negated_win_is_a_loss(text: str) -> None:
    assert Stages().meaning(text) is Meaning.LOST


@pytest.mark.parametrize("text", ["Not yet sold", "No", "Not 1", "no yes", "Not contacted"])
def test_what_only_is_not_yet_won_is_none(text: str) -> None:
    assert Stages().meaning(text) is not Meaning.LOST

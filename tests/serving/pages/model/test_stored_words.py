"""What training stored in English is told in Russian: the sentences are made by the code that stores them."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from features.contact_log import ContactLog
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from features.values import Kind
from language.choice import use_language
from serving.pages.field_titles import KINDS
from serving.pages.model.stored_words import CAUTIONS, DECISIONS, METRICS, MISSED, NOTES
from simulation.company import simulate
from training.checks.refused_fields import RefusedField
from training.checks.thin_sources import SourceContacts, note_rarely_contacted_sources
from training.evaluation.metric_names import metric_name
from training.evaluation.promotion_gate import BaselineComparison, ChampionComparison, Comparison, decide
from training.registry.config_notes import read_field_notes
from training.registry.overview import COMPARED

NAMES = {
    "blend",
    "Fairs",
    "CRM",
    "LEADS",
    "RANDOM",
    "SOURCES",
    "scoring",
    "toml",
    "known",
    "arrival",
    "region",
    "category",
}


def _latin(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall("[A-Za-z]{2,}", text)} - NAMES


def _compared(rival: str, gain: float, reach: float = 0.004) -> Comparison:
    return Comparison(rival, 1_200, gain, gain - reach, gain + reach)


def _baselines(gain: float) -> dict[str, BaselineComparison]:
    rivals = ("base rate", "CRM baseline")
    return {rival: BaselineComparison(_compared(rival, gain), _compared(rival, gain)) for rival in rivals}


FEW = Comparison("base rate", 90, 0.01, np.nan, np.nan, 4)
CHAMPION = "champion version 3"


@pytest.mark.parametrize(
    ("beaten", "baselines", "champion"),
    [
        (True, _baselines(0.02), None),
        (True, _baselines(0.001), ChampionComparison(CHAMPION, _compared(CHAMPION, -0.02))),
        (False, {"base rate": BaselineComparison(FEW, FEW)}, None),
        (False, _baselines(0.001), ChampionComparison(CHAMPION, None, "its horizon is 30 days, not 90")),
        (False, {}, ChampionComparison(CHAMPION, None, "it needs region (category), which scoring.toml no longer has")),
        (
            True,
            _baselines(0.02),
            ChampionComparison(
                CHAMPION,
                _compared(CHAMPION, 0.02),
                regressed_sources=(_compared(f"{CHAMPION} for source 'Fairs'", -0.05),),
            ),
        ),
    ],
)
def test_every_reason_of_the_gate_is_told(
    beaten: bool, baselines: dict[str, BaselineComparison], champion: ChampionComparison | None
) -> None:
    reasons = decide("blend", beaten, baselines, champion).reasons
    with use_language("ru"):
        told = [DECISIONS.translate(reason) for reason in reasons]
    assert _latin(told) == set()


def test_a_comparison_keeps_its_numbers_in_russian_writing() -> None:
    with use_language("ru"):
        told = DECISIONS.translate(f"blend {_compared('base rate', 0.02)}")
    assert told == (
        "blend лучше эталона «базовая доля» по логарифмической ошибке на +0,0200 [+0,0160; +0,0240], лидов: 1\xa0200"
    )


def test_what_the_data_say_little_of_is_told() -> None:
    sources = (SourceContacts("Fairs", 900, 3, 1), SourceContacts("", 800, 2, 0), SourceContacts("Ads", 900, 880, 90))
    logs = (ContactLog(None, None, None, 1_200, logged) for logged in (552, 3))
    notes = [*note_rarely_contacted_sources(sources), *(log.note or "" for log in logs)]
    assert len(notes) == 4
    assert all(notes)
    with use_language("ru"):
        assert _latin(map(CAUTIONS.translate, notes)) == set()


def test_what_a_field_would_add_is_told() -> None:
    with use_language("ru"):
        assert _latin([MISSED.translate(RefusedField("region", 0.301, 0.322).sentence)]) == set()


def test_what_leads_init_noted_of_a_suspect_is_told(tmp_path: Path) -> None:
    """A company's own words among them stay."""
    simulate(2_000, until=date(2026, 11, 1)).write(tmp_path)
    tables = {name: str(tmp_path / f"{name}.csv") for name in ("leads", "outcomes", "contacts")}
    found = propose(TableLocations(**tables), relative_to=tmp_path)
    (tmp_path / "scoring.toml").write_text(found.to_toml())
    notes = read_field_notes(tmp_path / "scoring.toml")
    with use_language("ru"):
        assert _latin([NOTES.translate(notes[field.name]) for field in found.suspects]) <= {"AUC"}
        assert NOTES.translate("ask Bo; 5 different values, always filled").startswith("ask Bo; ")


def test_what_is_no_clear_difference_is_called_so_in_english_too() -> None:
    reasons = decide("blend", beaten=False, baselines=_baselines(0.001), champion=None).reasons
    told = [DECISIONS.translate(reason) for reason in reasons]
    assert not any("noise" in text for text in told)
    assert any("blend and base rate: no clear difference in log loss, +0.0010 [-0.0030" in text for text in told), told


def test_every_metric_that_is_compared_and_every_kind_has_words() -> None:
    assert [metric_name(name) for name in COMPARED] == list(METRICS)
    assert [kind.value for kind in Kind] == list(KINDS)

"""What training hands to serving: scored one by one or together, stored and read back, it says the same."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.lead_table import LeadTable, one_lead, parse_leads
from tests.training.registry.runs import raw_leads, small_run
from training.model import ModelBroken, Score, ScoringModel

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
STRANGE = {
    "age": [-1, 0, 1e9, "41"],
    "code": ["never seen", "7 ", 7.0],
    "newsletter": ["1", "false", True],
    "last_visit": ["1999-01-01", "2038-01-01T00:00:00+05:00"],
    "message": ["", "Quote! QUOTE", "ünïcode ☎"],
    "e-mail": ["nobody", "a@b.co.uk"],
    "phone": ["12", "+999"],
    "utm_source": ["a source of its own", "SEARCH"],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ScoringModel:
    """Additive part and trees over a field of every kind."""
    return small_run(tmp_path_factory.mktemp("run")).model


@pytest.fixture(scope="module")
def leads(model: ScoringModel) -> LeadTable:
    return parse_leads(messy(raw_leads().head(120), seed=1), model.schema)


def messy(raw: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same leads, a third of their values gone or strange."""
    rng = np.random.default_rng(seed)
    raw = raw.astype(object)
    for name, values in STRANGE.items():
        raw.loc[rng.random(len(raw)) < 0.2, name] = None
        for row in raw.index[rng.random(len(raw)) < 0.15]:
            raw.loc[row, name] = values[rng.integers(len(values))]
    return raw


def one_by_one(model: ScoringModel, leads: LeadTable) -> list[Score]:
    return [model.score(one_lead(leads, row, model.schema), NOW) for row in range(len(leads))]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1_000))
def test_a_lead_gets_one_probability_however_it_comes(model: ScoringModel, seed: int) -> None:
    leads = parse_leads(messy(raw_leads().sample(25, random_state=seed), seed), model.schema)
    alone = [score.probability for score in one_by_one(model, leads)]
    assert model.score_table(leads)["probability"].tolist() == alone
    assert model.score_table(leads, reasons=0)["probability"].tolist() == alone
    assert model.score_table(leads.take(np.arange(24, -1, -1)))["probability"].tolist() == alone[::-1]
    assert model.probability(leads).tolist() == alone


def test_grade_percentile_and_sentences_are_the_same_alone_and_in_a_table(
    model: ScoringModel, leads: LeadTable
) -> None:
    table = model.score_table(leads)
    for score, row in zip(one_by_one(model, leads), table.itertuples(), strict=True):
        assert (score.lead_id, score.grade, score.percentile) == (row.lead_id, row.grade, row.percentile)
        told = [reason.sentence for reason in score.reasons]
        assert told == [
            sentence for sentence in (row.reason_1, row.reason_2, row.reason_3) if isinstance(sentence, str)
        ]


def test_the_parts_and_what_is_expected_add_up_to_the_raw_score(model: ScoringModel, leads: LeadTable) -> None:
    X = model.encoder.encode(leads)
    raw, parts = model.explain(X)
    assert parts.sum(axis=1) + model.base_value == pytest.approx(raw, abs=1e-9)
    assert raw.tolist() == model.raw_score(X).tolist()


def test_the_reasons_of_all_fields_add_up_to_the_distance_from_what_is_expected(
    model: ScoringModel, leads: LeadTable
) -> None:
    raw = model.raw_score(model.encoder.encode(leads))
    for row in range(20):
        reasons = model.score(one_lead(leads, row, model.schema), NOW, reasons=8).reasons
        assert sum(reason.contribution for reason in reasons) == pytest.approx(raw[row] - model.base_value, abs=1e-7)


def test_the_strongest_reason_comes_first_and_says_which_way_it_points(model: ScoringModel, leads: LeadTable) -> None:
    for score in one_by_one(model, leads):
        sizes = [abs(reason.contribution) for reason in score.reasons]
        assert sizes == sorted(sizes, reverse=True)
        for place, reason in enumerate(score.reasons):
            effect = "raises the score" if reason.contribution > 0 else "lowers the score"
            assert reason.sentence.endswith(effect if place else f"{effect} most")


def test_a_reason_is_told_in_the_companys_words(model: ScoringModel) -> None:
    lead = model.schema.parse("L-1", {"code": 7, "utm_source": None}, created_at=NOW)
    sentences = {reason.field: reason.sentence for reason in model.score(lead, NOW, reasons=8).reasons}
    assert sentences["code"].startswith("Code is 7: raises the score")
    assert sentences["utm_source"].startswith("Utm source is missing: lowers the score")


def test_a_score_carries_what_it_was_made_with(model: ScoringModel) -> None:
    score = replace(model, version="12").score(model.schema.parse("L-1", {}), NOW)
    assert (score.lead_id, score.model_version, score.horizon_days, score.scored_at) == ("L-1", "12", 90, NOW)
    assert score.interval[0] <= score.probability <= score.interval[1]


def test_what_the_model_does_not_know_is_warned_of(model: ScoringModel) -> None:
    lead = model.schema.parse("L-1", {"code": "never seen", "shoe size": 44, "age": 30, "calls": 3})
    assert model.score(lead, NOW).warnings == (
        "field 'shoe size' is not known to the model and was not used",
        "field 'calls' is known later and was not used",
        "the value of 'code' was never seen in training",
    )


def test_no_reasons_and_more_reasons_than_there_are_fields_can_be_asked_for(
    model: ScoringModel, leads: LeadTable
) -> None:
    assert list(model.score_table(leads, reasons=0)) == [
        "lead_id", "probability", "grade", "percentile", "model_version",
    ]  # fmt: skip
    table = model.score_table(leads.take(np.arange(3)), reasons=20)
    assert table["reason_20"].isna().all()
    assert table["reason_1"].notna().all()


def test_a_table_without_leads_has_no_scores(model: ScoringModel, leads: LeadTable) -> None:
    scored = model.score_table(leads.take(np.arange(0)))
    assert (len(scored), list(scored)[-1]) == (0, "reason_3")


def test_stored_and_read_back_it_scores_the_same_and_stores_the_same_bytes(
    model: ScoringModel, leads: LeadTable, tmp_path: Path
) -> None:
    model.save(tmp_path / "first")
    again = ScoringModel.load(tmp_path / "first", version="unregistered")
    again.save(tmp_path / "second")
    pd.testing.assert_frame_equal(model.score_table(leads), again.score_table(leads), check_exact=True)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_a_model_that_was_stored_before_there_were_threes_scores_as_it_did(
    model: ScoringModel, leads: LeadTable, tmp_path: Path
) -> None:
    model.save(tmp_path)

    def store_as_before(state: dict) -> None:
        state["format"] = 2
        state["crosses"]["pairs"] = state["crosses"].pop("binnings_of")

    edited(store_as_before)(tmp_path)
    assert ScoringModel.load(tmp_path).probability(leads).tolist() == model.probability(leads).tolist()


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*")}


def test_a_stored_model_is_one_json_and_one_text_file(model: ScoringModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    files = contents(tmp_path)
    assert sorted(files) == ["model.json", "trees.txt"]
    assert json.loads(files["model.json"])["format"] == 3
    assert files["trees.txt"].decode().startswith("tree\nversion=v4\n")
    assert all(content.isascii() or content.decode("utf-8") for content in files.values())


def test_a_model_without_trees_is_one_file(model: ScoringModel, leads: LeadTable, tmp_path: Path) -> None:
    bare = replace(model, trees=None)
    bare.save(tmp_path)
    assert list(contents(tmp_path)) == ["model.json"]
    assert ScoringModel.load(tmp_path).probability(leads).tolist() == bare.probability(leads).tolist()


def edited(edit: Callable[[dict], object]) -> Callable[[Path], None]:
    """A damage done inside model.json."""

    def damage(folder: Path) -> None:
        state = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        edit(state)
        (folder / "model.json").write_text(json.dumps(state), encoding="utf-8")

    return damage


def cut(name: str, share: float) -> Callable[[Path], None]:
    """A file of which only the beginning was written."""

    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(share * len(content))])

    return damage


PARTS = ("format", "candidate", "horizon_days", "schema", "encoder", "additive", "calibration", "ranking", "band")
DAMAGES: dict[str, Callable[[Path], object]] = {
    "no model": lambda folder: (folder / "model.json").unlink(),
    "no trees": lambda folder: (folder / "trees.txt").unlink(),
    "not text": lambda folder: (folder / "model.json").write_bytes(b"\xff\xfe\x00"),
    "trees not text": lambda folder: (folder / "trees.txt").write_bytes(b"\xff\xfe\x00"),
    "not an object": lambda folder: (folder / "model.json").write_text("[]"),
    "a changed leaf": lambda folder: (folder / "trees.txt").write_text(
        (folder / "trees.txt").read_text().replace("leaf_value=", "leaf_value=1", 1)
    ),
    "a cross without its last rate": edited(lambda state: state["crosses"]["rates"][0].pop()),
    "a cross of a column that is not there": edited(lambda state: state["crosses"]["binnings_of"].append([0, 99])),
    "another format": edited(lambda state: state.update(format=4)),
    "a field too many": edited(lambda state: state["schema"]["fields"].append(state["schema"]["fields"][0])),
    "an unknown kind": edited(lambda state: state["schema"]["fields"][0].update(kind="colour")),
    "an unknown part of an encoder": edited(lambda state: state["encoder"][0].update(colour="red")),
    "a term without its numbers": edited(lambda state: state["additive"]["terms"][0].pop()),
    **{f"no {part}": edited(lambda state, part=part: state.pop(part)) for part in (*PARTS, "trees_sha256")},
    **{f"{part} a list": edited(lambda state, part=part: state.update({part: []})) for part in PARTS[3:]},
    **{f"model.json cut at {share:.0%}": cut("model.json", share) for share in (0, 0.1, 0.6, 0.99)},
    **{f"trees.txt cut at {share:.0%}": cut("trees.txt", share) for share in (0, 0.1, 0.6, 0.99)},
}


@pytest.mark.parametrize("damage", [pytest.param(damage, id=name) for name, damage in DAMAGES.items()])
def test_a_damaged_model_is_refused(model: ScoringModel, damage: Callable[[Path], object], tmp_path: Path) -> None:
    model.save(tmp_path)
    damage(tmp_path)
    with pytest.raises(ModelBroken, match=re.escape(str(tmp_path))):
        ScoringModel.load(tmp_path)


def test_the_refusal_says_what_is_wrong(model: ScoringModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    edited(lambda state: state.update(format=4))(tmp_path)
    with pytest.raises(ModelBroken, match="holds a model of format 4; this version reads 3"):
        ScoringModel.load(tmp_path)


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import json
import pandas as pd
from pathlib import Path
from features.lead_table import parse_leads
from training.model import ScoringModel
model = ScoringModel.load(Path(sys.argv[1]))
leads = pd.DataFrame(json.loads(Path(sys.argv[2]).read_text()), dtype=object)
X = model.encoder.encode(parse_leads(leads, model.schema))
raw, parts = model.explain(X)
print(json.dumps([raw.tolist(), parts.tolist(), model.base_value]))
"""


def test_where_numba_is_missing_the_scores_are_the_same_and_the_reasons_too(
    model: ScoringModel, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    sample = messy(raw_leads().head(20), seed=2)
    leads = {name: column.where(column.notna(), None).tolist() for name, column in sample.items()}
    (tmp_path / "leads.json").write_text(json.dumps(leads))
    command = [sys.executable, "-c", WITHOUT_NUMBA, str(tmp_path / "model"), str(tmp_path / "leads.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    raw, parts, expected = json.loads(done.stdout)
    ours, our_parts = model.explain(model.encoder.encode(parse_leads(sample, model.schema)))
    assert raw == ours.tolist()
    np.testing.assert_allclose(parts, our_parts, rtol=0, atol=1e-9)
    assert expected == pytest.approx(model.base_value, abs=1e-9)

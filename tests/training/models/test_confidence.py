"""Whether enough is known of leads like one: sources that are hardly worked, values never seen, empty fields."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from features.config import check_config
from features.history import NEVER, History, read_history
from features.lead_table import one_lead, parse_leads
from tests.conftest import Prove
from tests.proofs import Proof
from tests.second_company import COMPANIES, TABLE_FIELDS, Company, arrival_chance, make_tables
from tests.second_company.company import LoggedBy
from tests.training.leads import DAY, appeal, config, raw_leads
from training.model import ScoringModel
from training.models.confidence import Confidence
from training.pipeline import Settings, train
from training.registry.model_card import card_markdown
from training.registry.stored_evaluation import StoredEvaluation
from training.training_run import TrainingRun

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BASE = -2.2


def company(leads: int, seed: int, logged: float = 1.0, partner_worked: float = 1.0) -> tuple[History, np.ndarray]:
    """Nine of ten leads are worked, of the good partner fewer; of the calls some are logged. With the true chances."""
    raw, rng = raw_leads(leads, seed), np.random.default_rng([seed, 11])
    chance = expit(BASE + appeal(raw))
    partner = (raw["source"] == "partner").to_numpy(bool)
    worked = rng.random(leads) < np.where(partner, 0.9 * partner_worked, 0.9)
    won = worked & (rng.random(leads) < chance)
    table = parse_leads(raw, config().lead_schema)
    assert table.created_at is not None
    closed = np.where(worked, table.created_at + 10 * DAY, NEVER)
    contact = np.where(worked & (rng.random(leads) < logged), table.created_at + DAY, NEVER)
    status = np.where(won, "won", np.where(worked, "lost", None)).astype(object)
    return History(table, status, closed, contact), chance


def trained(facts: History) -> TrainingRun:
    return train(config(), facts, Settings(None, 20, 7, 1), None, lambda: 0.0, lambda *_: None)


def card_of(run: TrainingRun, folder: Path) -> str:
    config_path = folder / "scoring.toml"
    config_path.touch()
    return card_markdown(replace(run, config_path=config_path))


@pytest.mark.parametrize("logged", [0.9, 0.7, 0.5])
def test_the_level_does_not_depend_on_how_many_calls_are_logged_and_it_is_said(logged: float, tmp_path: Path) -> None:
    """With seven of ten calls logged every rate was a third too high, and no note said so."""
    facts, chance = company(5_000, seed=0, logged=logged)
    run = trained(facts)
    assert run.model.probability(facts.leads).mean() == pytest.approx(chance.mean(), abs=0.01)
    (said,) = (note for note in run.notes if "of the calls are logged" in note)
    assert said in run.dataset.cautions == StoredEvaluation.from_text(StoredEvaluation.of(run).to_text()).cautions
    card = card_of(run, tmp_path)
    assert said in card
    assert f"{run.dataset.wins_not_logged:,} of them without a logged contact, which teach nothing" in card


@pytest.fixture(scope="module")
def neglected() -> tuple[TrainingRun, History, np.ndarray]:
    """A tenth of the partner's leads are worked, and theirs is the best source."""
    facts, chance = company(1_500, seed=3, partner_worked=0.1)
    return trained(facts), facts, chance


def test_a_source_that_is_rarely_contacted_is_named(
    neglected: tuple[TrainingRun, History, np.ndarray], tmp_path: Path
) -> None:
    run, _, _ = neglected
    (said,) = run.dataset.cautions
    assert said.startswith("partner: ")
    assert "were called; its score is little more than a guess" in said
    assert said in run.notes
    assert said in card_of(run, tmp_path)


def test_its_leads_say_that_few_are_like_them_and_their_interval_is_as_wide_as_sources_differ(
    neglected: tuple[TrainingRun, History, np.ndarray],
) -> None:
    run, facts, _ = neglected
    assert facts.leads.source is not None
    partner = np.flatnonzero(facts.leads.source.codes == facts.leads.source.values.index("partner"))[:100]
    others = np.flatnonzero(facts.leads.source.codes != facts.leads.source.values.index("partner"))[:100]
    scores = [run.model.score(one_lead(facts.leads, int(row), run.model.schema), NOW) for row in (*partner, *others)]
    assert {score.confidence for score in scores[:100]} == {Confidence.FEW_LIKE_IT}
    assert {score.confidence for score in scores[100:]} == {Confidence.OK}
    low, high = np.array([score.interval for score in scores[:100]]).T
    without = replace(run.model, support=None)
    narrow = [without.score(one_lead(facts.leads, int(row), run.model.schema), NOW) for row in partner]
    assert np.mean(high - low) > 2 * np.mean([score.interval[1] - score.interval[0] for score in narrow])
    assert [score.probability for score in narrow] == [score.probability for score in scores[:100]]


@pytest.mark.parametrize(
    ("fields", "source", "word"),
    [
        ({"job": "clerk", "title": "the clerk", "newsletter": "yes", "age": 40}, "search", "ok"),
        ({"job": "clerk", "title": "the clerk", "newsletter": "yes", "age": 40}, "PARTNER", "few like it"),
        ({"job": "clerk", "title": "the clerk", "newsletter": "yes", "age": 40}, None, "few like it"),
        ({"job": "astronaut", "title": "the clerk", "newsletter": "yes", "age": 40}, "search", "unseen values"),
        ({"job": "clerk", "title": "the clerk", "newsletter": "yes", "age": 40}, "tv", "unseen values"),
        ({"age": 40}, "search", "few fields"),
    ],
)
def test_a_lead_has_the_same_word_alone_in_a_table_and_after_the_model_was_stored(
    neglected: tuple[TrainingRun, History, np.ndarray],
    fields: dict[str, object],
    source: str | None,
    word: str,
    tmp_path: Path,
) -> None:
    neglected[0].model.save(tmp_path)
    model = ScoringModel.load(tmp_path)
    lead = model.schema.parse("L-1", fields, created_at=NOW, source=source)
    assert model.score(lead, NOW).confidence == word
    row = {"id": "L-1", "created": NOW, "source": source, **dict.fromkeys(("job", "title", "newsletter", "age"))}
    table = parse_leads(
        raw_leads(1).iloc[:0].reindex([2]).assign(**{k: [v] for k, v in (row | fields).items()}), model.schema
    )
    assert model.confidence(table).tolist() == [word]
    assert model.score_table(table, 1, confidence=True)["confidence"].tolist() == [word]
    assert "confidence" not in model.score_table(table, 1)


def test_no_lead_of_a_table_without_sources_is_like_those_of_known_sources(
    neglected: tuple[TrainingRun, History, np.ndarray],
) -> None:
    run, facts, _ = neglected
    table = replace(facts.leads.take(np.arange(100)), source=None)
    words = run.model.score_table(table, 1, confidence=True)["confidence"]
    assert words.value_counts().to_dict() == {Confidence.FEW_LIKE_IT.value: 100}


def test_a_model_from_before_support_was_stored_loads_and_warns_of_unseen_values_alone(
    neglected: tuple[TrainingRun, History, np.ndarray], tmp_path: Path
) -> None:
    neglected[0].model.save(tmp_path)
    file = tmp_path / "model.json"
    state = file.read_text("utf-8")
    at = state.index('"evidence": ')
    file.write_text(state[:at] + state[state.index('"trees_sha256"') :], "utf-8")
    model = ScoringModel.load(tmp_path)
    assert model.support is None
    for source, word in (("partner", "ok"), ("tv", "unseen values")):
        lead = model.schema.parse("L-1", {}, created_at=NOW, source=source)
        assert model.score(lead, NOW).confidence == word


def test_unseen_values_are_counted_by_field_with_the_most_frequent_first(
    neglected: tuple[TrainingRun, History, np.ndarray],
) -> None:
    """All of a file's leads had a source that was renamed in the CRM, and nothing was said."""
    raw = raw_leads(50, seed=9)
    raw["source"] = ["PAID"] * 20 + ["Organic Search"] * 30
    model = neglected[0].model
    (found,) = model.unseen_values(parse_leads(raw, model.schema))
    assert str(found) == "source: 50 of 50 values were never seen in training (Organic Search, PAID)"


def read_second(company: Company, seed: int, folder: Path) -> tuple[History, np.ndarray, TrainingRun]:
    """5,000 leads of the second company as the product reads them, their true chances, and what training makes."""
    tables = make_tables(company, 5_000, seed)
    tables.write(folder)
    content: dict[str, object] = {
        "leads": {"table": "leads.csv", "id": "lead_id", "created_at": "created_at", "source": "source"},
        "outcome": {"table": "outcomes.csv", "id": "lead_id", "column": "status", "won": ["won"], "at": "at"}
        | {"lost": ["lost"], "horizon_days": company.horizon_days},
        "contacts": {"table": "contacts.csv"},
        "fields": {"source": {"kind": "category"}} | {name: {"kind": kind} for name, kind in TABLE_FIELDS.items()},
    }
    checked = check_config(content, folder / "scoring.toml")
    facts = read_history(checked)
    run = train(checked, facts, Settings(None, 20, 7, 1), None, lambda: 0.0, lambda *_: None)
    return facts, arrival_chance(company, tables.drawn.leads), run


LOGS = Proof(
    "The level of a model whose calls are not all logged",
    "5,000 leads of the second company; of the worked ones some have their calls logged, by chance or by source. Shown "
    "is the mean predicted less the mean true chance, in points, over three seeds, through the real tables.",
    "it is off by more than 1 point, or nothing is said of the log",
)
NEGLECTED = Proof(
    "A source that is hardly worked",
    "5,000 leads of the second company; a tenth of one source's are worked, or none. Shown are its mean predicted and "
    "true chance and the mean ends of its leads' intervals, in per cent, over three seeds.",
    "the run does not name it, its leads do not say so, or the true mean lies outside the mean interval",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("logged", "by"), [(1.0, "chance"), (0.9, "chance"), (0.7, "chance"), (0.5, "chance"), (0.7, "source")]
)
def test_on_the_second_company_the_level_holds_whatever_is_logged(
    logged: float, by: LoggedBy, tmp_path: Path, prove: Prove
) -> None:
    company, off, said = replace(COMPANIES["nothing"], logged=logged, logged_by=by), [], []
    for seed in range(3):
        facts, chance, run = read_second(company, seed, tmp_path)
        off.append(100 * (run.model.probability(facts.leads).mean() - chance.mean()))
        said.append(any("of the calls are logged" in note for note in run.dataset.cautions))
    prove(LOGS, f"{logged:.0%} logged, by {by}", 3, f"{np.mean(off):+.2f} points")
    assert abs(np.mean(off)) < 1.0
    assert said == [logged < 1.0] * 3


@pytest.mark.slow
@pytest.mark.parametrize(("source", "share"), [("referral", 0.1), ("referral", 0.0), ("list", 0.1)])
def test_on_the_second_company_a_source_that_is_rarely_contacted_is_told_and_its_truth_within_its_interval(
    source: str, share: float, tmp_path: Path, prove: Prove
) -> None:
    company, figures = replace(COMPANIES["nothing"], neglected=source, neglected_worked=share), []
    for seed in range(3):
        facts, chance, run = read_second(company, seed, tmp_path)
        assert facts.leads.source is not None
        rows = np.flatnonzero(facts.leads.source.codes == facts.leads.source.values.index(source))[:200]
        scores = [run.model.score(one_lead(facts.leads, int(row), run.model.schema), NOW) for row in rows]
        assert any(caution.startswith(f"{source}: ") for caution in run.dataset.cautions)
        assert Confidence.OK not in {score.confidence for score in scores}
        ends = np.mean([score.interval for score in scores], axis=0)
        figures.append((np.mean([score.probability for score in scores]), chance[rows].mean(), *ends))
    predicted, true, low, high = 100 * np.mean(figures, axis=0)
    shown = f"predicted {predicted:.1f}, true {true:.1f}, interval {low:.1f} to {high:.1f}"
    prove(NEGLECTED, f"{source}, {share:.0%} worked", 3, shown)
    assert low < true < high

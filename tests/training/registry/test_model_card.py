from dataclasses import replace

import pytest

from training.data.split import Split
from training.evaluation.promotion_gate import Decision
from training.registry.model_card import card_markdown, card_page
from training.training_run import TrainingRun


@pytest.fixture
def card(run: TrainingRun) -> str:
    return " ".join(card_markdown(run).replace("\n>", "\n").split())


def test_it_says_that_the_evaluation_is_of_the_candidate_fitted_without_the_test_leads(card: str) -> None:
    assert "The evaluation is of the chosen candidate, fitted without the 200 test leads." in card
    assert "the same candidate fitted once more on all training examples, the test leads included" in card


def test_it_names_the_data_by_date_states_and_hash(card: str, run: TrainingRun) -> None:
    for said in ("| As of | 2026-09-01", "| State: open | 12 leads |", "| State: not worked | 3 leads |"):
        assert said in card
    assert run.dataset.content_hash in card
    assert run.notes[0] in card


def test_it_gives_every_candidate_and_metric_with_an_interval(card: str, run: TrainingRun) -> None:
    loss = run.evaluation.metrics["log_loss"]
    assert f"| **trees** | {loss:.3f} |" in card
    assert "| base rate |" in card
    assert f"| log loss | {loss:.3f} |" in card


def test_calibration_stands_beside_what_chance_alone_would_show(card: str, run: TrainingRun) -> None:
    assert f"{run.evaluation.metrics['ece'].value:.4f}; a perfect model would show" in card
    assert f"{run.evaluation.ece_floor:.4f} on as many leads" in card


def test_it_judges_by_source_and_month(card: str) -> None:
    assert "| source search |" in card
    assert "| month 2026-03 |" in card


def test_fields_known_later_are_left_out_with_the_reason_from_scoring_toml(card: str) -> None:
    assert "| calls | looks as if it were filled after the outcome; AUC alone 0.98 |" in card
    assert "| calls | numeric |" not in card


def test_the_decision_is_told_with_its_reasons(card: str, run: TrainingRun) -> None:
    assert "**May replace the champion.** - trees beats base rate - there is no champion yet" in card
    refused = replace(run, decision=Decision(beats_base_rate=True, promoted=False, reasons=("it is worse",)))
    assert "**May not replace the champion.**\n\n- it is worse" in card_markdown(refused)


def test_an_undated_run_does_not_claim_to_know_how_it_ages(run: TrainingRun) -> None:
    undated = replace(run, order="none", dataset=replace(run.dataset, as_of=None), split=Split(*[run.split.test] * 2))
    card = card_markdown(undated)
    assert "| As of | undated |" in card
    assert "the figures do not show how it ages" in card
    assert "leads train --seed 7 --trials 3\n" in card


def test_the_page_stands_alone_and_holds_no_markup_from_the_data(run: TrainingRun) -> None:
    noted = replace(run, notes=("<script>alert(1)</script>",))
    page = card_page(card_markdown(noted), "<b>bank</b>")
    assert "<script>" not in page
    assert "<title>Model card: &lt;b&gt;bank&lt;/b&gt;</title>" in page
    assert "<blockquote>" in page
    assert page.count("<table>") == 6
    assert "http" not in page
    assert "prefers-color-scheme: dark" in page

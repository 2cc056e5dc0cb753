from training.checks.training_profile import TrainingProfile
from training.data.lead_hashes import hash_leads, is_unseen
from training.registry import Location, Registry
from training.registry.log import log_run
from training.training_run import TrainingRun


def test_versions_are_listed_newest_first_with_what_they_promise(registry: Registry, run: TrainingRun) -> None:
    newest, *older = registry.versions()
    assert [newest.version, *(model.version for model in older)] == ["3", "2", "1"]
    assert newest.aliases == ("challenger",)
    assert (newest.project, newest.candidate, newest.as_of) == ("bank", "trees", "2026-09-01")
    assert newest.decision == run.decision.reasons
    assert newest.metrics["log_loss"] == run.evaluation.metrics["log_loss"]


def test_show_brings_the_candidates_and_the_card(registry: Registry, run: TrainingRun) -> None:
    details = registry.show("2")
    assert {one.name for one in details.candidates} == {"trees", "base rate"}
    assert details.candidates[0].metrics["auc"] == run.candidates[0].evaluation.metrics["auc"]
    assert details.card.startswith("# Model card: bank")


def test_compare_sets_metrics_side_by_side_and_says_if_that_is_fair(registry: Registry) -> None:
    compared = registry.compare("1", "challenger")
    assert (compared.first.version, compared.second.version) == ("1", "3")
    assert {pair.name for pair in compared.metrics} >= {"log_loss", "auc", "ece"}
    assert compared.same_leads
    assert compared.parameters == {}


def test_models_evaluated_on_other_leads_are_not_the_same_leads(registry: Registry) -> None:
    registry.client.set_model_version_tag("lead-scoring", "1", "test_hash", "others")
    assert not registry.compare("1", "2").same_leads


def test_the_registry_knows_which_leads_a_model_has_seen_without_their_ids(
    registry: Registry, run: TrainingRun
) -> None:
    learned = registry.training_hashes("challenger")
    assert (learned == hash_leads(run.dataset.leads.lead_id)).all()
    assert is_unseen(["H-0", "new", "H-399"], learned).tolist() == [False, True, False]


def test_the_registry_keeps_the_training_profile_of_a_model(registry: Registry, run: TrainingRun) -> None:
    kept = registry.training_profile("challenger")
    assert kept == TrainingProfile.of(run.dataset, run.model.schema)
    assert "person" not in kept.to_text()


def test_of_a_model_from_before_that_was_kept_it_is_not_known(location: Location, run: TrainingRun) -> None:
    version = log_run(run, location)
    for file in location.artifacts.rglob("learned/profile.json"):
        file.unlink()
    assert Registry(location).training_profile(version) is None

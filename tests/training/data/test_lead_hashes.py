"""Lead hashes: which leads a model was trained on."""

from training.data.lead_hashes import hash_leads, is_unseen


def test_nothing_is_seen_by_a_model_that_learned_from_nothing() -> None:
    assert is_unseen(["a"], hash_leads([])).tolist() == [True]

"""Which column `leads init` takes for the lead's id."""

import pandas as pd

from features.schema_inference.roles import id_candidates


def test_a_lead_id_that_repeats_is_still_the_id_so_that_training_can_say_which_rows() -> None:
    repeated = [f"L-{number % 850}" for number in range(1_000)]
    assert id_candidates(pd.DataFrame({"Lead ID": repeated, "age": range(1_000)})) == ["Lead ID"]


def test_a_first_column_of_different_codes_is_the_id_in_any_language() -> None:
    codes = [f"А-{number}" for number in range(50)]
    assert id_candidates(pd.DataFrame({"Номер лида": codes, "Город": ["Омск"] * 50})) == ["Номер лида"]


def test_different_names_or_addresses_are_no_ids() -> None:
    names = [f"anna {number}" for number in range(50)]
    addresses = [f"a{number}@example.com" for number in range(50)]
    assert id_candidates(pd.DataFrame({"Имя": names})) == []
    assert id_candidates(pd.DataFrame({"Почта": addresses})) == []

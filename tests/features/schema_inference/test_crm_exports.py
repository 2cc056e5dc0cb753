"""leads init on exports of every CRM of the catalogue: found whole, or asked about, and never silently wrong."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from features.errors import TableRefused
from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from features.schema_inference.vocabulary import without_accents
from features.values import Known
from tests.conftest import Prove
from tests.features.schema_inference.crm_exports import TODAY, Form, MadeExport, forms, make
from tests.proofs import Proof

CASES = Path(__file__).parents[4] / "shared" / "cases" / "crm-exports"
KEYS = {"outcome": "column"}


def wrong_in(made: MadeExport, proposal: Proposal) -> list[str]:
    """What differs from what an expert would write."""
    found = [
        f"{role}: {proposal.setting(KEYS.get(role, role))} instead of {name}"
        for role, name in made.roles.items()
        if not is_called(proposal.setting(KEYS.get(role, role)), name)
    ]
    for key, texts in (("won", made.won), ("lost", made.lost)):
        if set(proposal.setting(key) or ()) != texts:
            found.append(f"{key}: {proposal.setting(key)} instead of {sorted(texts)}")
    arrival = {field.name for field in proposal.fields if field.known is Known.ARRIVAL}
    found += [f"known at arrival: {name}" for name in sorted(made.later & arrival)]
    return found


def is_called(found: object, name: str | None) -> bool:
    """Whether it is the column; a legacy encoding may have been taken for its neighbour, which changes an accent."""
    return found == name if name is None or found is None else without_accents(str(found)) == without_accents(name)


def is_asked(wrong: str, made: MadeExport, proposal: Proposal) -> bool:
    """Whether `leads init` itself says that this is to be checked."""
    assert proposal.summary is not None
    said = " ".join((*proposal.summary.checks, *proposal.doubts))
    role, _, name = wrong.partition(": ")
    if role == "known at arrival" and name == proposal.setting("created_at"):
        role = "created_at"
    words = {
        "created_at": ("No column says when a lead arrived", "is taken for the arrival (created_at)"),
        "id": ("No column names the leads", "is taken for the id of the lead (id)"),
        "source": ("(source)",),
        "at": ("(at)",),
        "value": ("(value)",),
        "won": ("count as open",),
        "lost": ("count as open",),
    }
    return any(word in said for word in words.get(role, ()))


@dataclass
class Tally:
    """Of made exports: found whole, refused, asked about, silently wrong."""

    whole: int = 0
    refused: int = 0
    asked: int = 0
    wrong: int = 0
    total: int = 0


def tally(seeds: range, folder: Path, *, odd_names: bool) -> tuple[Tally, list[str]]:
    """Look at made exports of forms drawn at random."""
    counted, told, known = Tally(), [], forms()
    for seed in seeds:
        form = known[int(np.random.default_rng(seed).integers(len(known)))]
        made = make(form, seed, folder, odd_names=odd_names)
        counted.total += 1
        try:
            proposal = propose(TableLocations(str(made.path)), relative_to=folder, today=TODAY)
        except TableRefused as refused:
            counted.refused += 1
            told.append(f"{seed} {form.crm} refused: {str(refused)[:300]}")
            continue
        wrong = wrong_in(made, proposal)
        silent = [one for one in wrong if not is_asked(one, made, proposal)]
        counted.whole += not wrong
        counted.asked += bool(wrong) and not silent
        counted.wrong += bool(silent)
        if wrong:
            told.append(f"{seed} {form.crm} {form.about} {'WRONG' if silent else 'asked'}: {wrong}")
    return counted, told


@pytest.mark.parametrize("form", [form for form in forms() if not form.is_generic], ids=str)
def test_an_export_of_each_form_of_each_crm_is_found_whole_and_called_by_its_name(form: Form, tmp_path: Path) -> None:
    made = make(form, 7, tmp_path, odd_names=False)
    proposal = propose(TableLocations(str(made.path)), relative_to=tmp_path, today=TODAY)
    assert wrong_in(made, proposal) == []
    assert proposal.summary is not None
    assert proposal.summary.looks_like in ("", f"{form.crm} {form.about}")


def test_exports_of_all_crms_and_languages_are_found_whole_or_asked_about(tmp_path: Path) -> None:
    counted, told = tally(range(25), tmp_path, odd_names=True)
    assert counted.wrong == 0, told
    assert counted.whole >= 23, told


EXPORTS = Proof(
    "Exports of CRMs",
    "Exports made at random from the catalogue: headers of a CRM's form or of a language (one name in ten says "
    "nothing), stages plain, numbered or in brackets, formats of dates and money, encodings, words for no date, "
    "expected dates of open leads. Shown is what `leads init` finds of them whole, refuses, asks about, and gets wrong "
    "without a word.",
    "one is wrong without a word, or fewer than 90 in 100 are found whole",
)


@pytest.mark.slow
def test_a_hundred_exports(tmp_path: Path, prove: Prove) -> None:
    counted, told = tally(range(1_000, 1_100), tmp_path, odd_names=True)
    figures = f"{counted.whole} whole, {counted.refused} refused, {counted.asked} asked about, {counted.wrong} wrong"
    prove(EXPORTS, "catalogue", counted.total, figures)
    assert counted.wrong == 0, told
    assert counted.whole >= 90, told


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not beside this tree")
def test_the_exports_of_the_cases_are_found_whole(tmp_path: Path) -> None:
    expected = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
    for name, roles in expected.items():
        proposal = propose(TableLocations(str(CASES / f"{name}.csv")), relative_to=tmp_path, today=TODAY)
        found = {role: proposal.setting(KEYS.get(role, role)) for role in roles if role != "later"}
        assert found == {role: column for role, column in roles.items() if role != "later"}, name
        arrival = {field.name for field in proposal.fields if field.known is Known.ARRIVAL}
        assert not arrival.intersection(roles["later"]), name

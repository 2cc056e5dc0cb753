"""Which column says what became of a lead, and what is asked where its values do not say it."""

from pathlib import Path

import numpy as np
import pytest

from features.config import read_config
from features.errors import TableRefused
from features.history import read_history
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import Column
from features.schema_inference.outcome import OutcomeChoice, find_outcome
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from tests.features.schema_inference.leads_table import CLOSED, LEADS, OPEN, TRUTH, WON, N, checks, counts, proposed


def test_a_status_whose_only_lost_value_is_lost_tells_more_than_a_flag(tmp_path: Path) -> None:
    table = LEADS.assign(status=np.where(WON, "Won", np.where(OPEN, "Open", "Lost")), converted=WON.astype(int))
    proposal = proposed(tmp_path, table)
    assert (proposal.setting("column"), proposal.setting("lost")) == ("status", ("Lost",))
    assert counts(proposal) == TRUTH


def test_the_summary_says_that_nobody_is_marked_as_lost_only_where_that_is_so(tmp_path: Path) -> None:
    lost = proposed(tmp_path, LEADS.assign(status=np.where(WON, "Won", np.where(OPEN, "Open", "Lost")))).summary
    assert lost is not None
    assert list(lost.lines())[1].endswith("lost is Lost, open is Open.")
    never = proposed(tmp_path, LEADS.assign(status=np.where(WON, "Won", "Negotiation"))).summary
    assert never is not None
    assert list(never.lines())[1].endswith("nobody is marked as lost, open is Negotiation.")


def test_who_says_that_no_value_means_lost_leaves_the_others_open(tmp_path: Path) -> None:
    table = LEADS.assign(status=np.where(WON, "P4", np.where(OPEN, "P1", "P2")))
    table.to_csv(tmp_path / "leads.csv", index=False)
    proposal = propose(
        TableLocations(str(tmp_path / "leads.csv")), outcome=OutcomeChoice("status", ("P4",), ()), relative_to=tmp_path
    )
    assert counts(proposal) == (int(WON.sum()), 0, int((~WON).sum()))
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    status = read_history(read_config(tmp_path / "scoring.toml")).status
    assert set(status.tolist()) == {"won", None}


@pytest.mark.parametrize("name", ["status", "stage"])
def test_of_codes_nobody_knows_which_is_won(tmp_path: Path, name: str) -> None:
    table = LEADS.drop(columns="status").assign(**{name: np.where(WON, "3", np.where(OPEN, "1", "0"))})
    with pytest.raises(TableRefused, match=f"column '{name}': holds '0'"):
        proposed(tmp_path, table)


def test_answers_beside_words_for_nothing_are_answers(tmp_path: Path) -> None:
    table = LEADS.drop(columns="status").assign(converted=np.where(WON, "Yes", np.where(OPEN, "N/A", "No")))
    assert proposed(tmp_path, table).setting("won") == ("Yes",)


def test_two_columns_that_share_no_winner_are_asked_about_however_rare_winners_are(tmp_path: Path) -> None:
    row = np.arange(N)
    table = LEADS.assign(status=np.where(row == 3, "Won", "Lost"), converted=(row == 7).astype(int))
    with pytest.raises(TableRefused, match="choose one with --outcome COLUMN"):
        proposed(tmp_path, table)


def test_an_unknown_value_beside_won_is_open_and_said(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, LEADS.assign(status=np.where(WON, "Won", "Quote prepared")))
    assert counts(proposal) == (int(WON.sum()), 0, int((~WON).sum()))
    assert "Are these open: Quote prepared? They count so" in checks(proposal)


def test_an_unknown_value_beside_yes_is_asked_about(tmp_path: Path) -> None:
    table = LEADS.drop(columns="status").assign(converted=np.where(WON, "Yes", "Awaiting reply"))
    with pytest.raises(TableRefused, match="column 'converted': holds 'Awaiting reply'"):
        proposed(tmp_path, table)


def test_a_win_of_a_competitor_is_no_win_and_said(tmp_path: Path) -> None:
    stage = np.where(WON, "Closed Won", np.where(OPEN, "Proposal", "Won by competitor"))
    proposal = proposed(tmp_path, CLOSED.assign(status=stage))
    assert proposal.setting("won") == ("Closed Won",)
    assert "Are these open: Won by competitor" in checks(proposal)


def test_only_the_column_of_wins_is_an_outcome_of_a_table_of_deals() -> None:
    column = Column("status", np.zeros(5, dtype=np.intp), ("won",))
    found = find_outcome([column], None, "deals.csv", Lexicon.of(["status"]), wins_only=True)
    assert (found.won, found.lost) == (("won",), ())


@pytest.mark.parametrize("name", ["is_lost", "rejected", "Churned", "abgelehnt"])
def test_yes_to_whether_a_lead_was_lost_means_lost(tmp_path: Path, name: str) -> None:
    table = LEADS.drop(columns="status").assign(**{name: np.where(WON, 0, 1)})
    with pytest.raises(TableRefused, match=f"--outcome '{name}=0'"):
        proposed(tmp_path, table)
    proposal = propose(TableLocations(str(tmp_path / "leads.csv")), outcome=name, relative_to=tmp_path)
    assert counts(proposal) == (int(WON.sum()), int((~WON).sum()), 0)
    assert f'"{name}" asks whether a lead was lost, and 0 is taken for won' in checks(proposal)


def test_a_date_that_only_won_leads_have_says_who_won_once_it_is_named(tmp_path: Path) -> None:
    table = LEADS.drop(columns="status").assign(contract=np.where(WON, CLOSED["closed_at"], ""))
    with pytest.raises(TableRefused, match=r"'contract': is filled for .* say so with --outcome 'contract=\*'"):
        proposed(tmp_path, table)
    proposal = propose(TableLocations(str(tmp_path / "leads.csv")), outcome="contract=*", relative_to=tmp_path)
    assert (proposal.setting("won"), proposal.setting("at")) == (("*",), "contract")
    assert counts(proposal) == (int(WON.sum()), 0, int((~WON).sum()))
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    history = read_history(read_config(tmp_path / "scoring.toml"))
    assert [status == "won" for status in history.status] == WON.tolist()
    assert history.closed_at is not None
    assert np.isnat(history.closed_at).tolist() == (~WON).tolist()


def test_of_sums_that_only_won_leads_have_nothing_is_lost(tmp_path: Path) -> None:
    sums = np.where(WON, 100 + np.arange(N), 0).astype(float)
    LEADS.drop(columns="status").assign(order_total=sums).to_csv(tmp_path / "leads.csv", index=False)
    proposal = propose(TableLocations(str(tmp_path / "leads.csv")), outcome="order_total=*", relative_to=tmp_path)
    assert counts(proposal) == (int(WON.sum()), int((~WON).sum()), 0)


def test_a_ticked_box_says_who_won_beside_a_status_that_does_not(tmp_path: Path) -> None:
    table = LEADS.assign(status=np.where(OPEN, "Todo", "Closed"), won=np.where(WON, "checked", ""))
    assert proposed(tmp_path, table).setting("won") == ("checked",)


def test_what_is_called_an_outcome_is_the_example_before_what_is_called_a_source_or_a_person(tmp_path: Path) -> None:
    codes = np.where(WON, "E7", np.where(OPEN, "E1", "E5"))
    table = LEADS.drop(columns="status").assign(created_by="U1", Durum=codes)
    table.loc[::2, "created_by"] = "U2"
    with pytest.raises(TableRefused, match=r"--outcome 'Durum=VALUE,VALUE'"):
        proposed(tmp_path, table)


@pytest.mark.parametrize(("status", "lacking"), [("Won", "lost or open"), ("Closed Lost", "won")])
def test_a_table_of_one_outcome_is_refused_by_what_it_lacks(tmp_path: Path, status: str, lacking: str) -> None:
    table = LEADS.assign(status=status, seats=np.arange(N) % 7)
    with pytest.raises(TableRefused, match=f"column 'status': says {status!r} of every lead.* no {lacking} lead"):
        proposed(tmp_path, table)


@pytest.mark.parametrize("still_open", ["Pending", "offen", "N/A"])
def test_answers_beside_an_open_one_are_the_example(tmp_path: Path, still_open: str) -> None:
    answers = np.where(WON, "Yes", np.where(OPEN, still_open, "No"))
    table = LEADS.drop(columns="status").assign(kind=np.where(np.arange(N) % 3, "A", "B"), funded=answers)
    with pytest.raises(TableRefused, match=r"such as: .*--outcome 'funded=Yes'"):
        proposed(tmp_path, table)


def test_a_closing_date_that_some_leads_have_is_the_example_before_what_is_called_no_outcome(tmp_path: Path) -> None:
    table = LEADS.drop(columns="status").assign(
        Raucher=np.where(np.arange(N) % 3, "ja", "nein"), Abschlussdatum=np.where(WON, CLOSED["closed_at"], "")
    )
    with pytest.raises(TableRefused, match=r"such as: .*--outcome 'Abschlussdatum=\*'"):
        proposed(tmp_path, table)


def test_remarks_are_not_the_example_of_an_outcome(tmp_path: Path) -> None:
    codes = np.where(WON, "E7", np.where(OPEN, "E1", "E5"))
    table = LEADS.drop(columns="status").assign(Notes=np.where(np.arange(N) % 3, "call back", "by mail"), Durum=codes)
    with pytest.raises(TableRefused, match=r"--outcome 'Durum=VALUE,VALUE'"):
        proposed(tmp_path, table)

"""leads init on faults that people met: flags that say closed, words for lost, keys of others, dates that cannot be."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import read_config
from features.errors import TableRefused
from features.history import read_history
from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations

N = 900
RNG = np.random.default_rng(5)
ARRIVED = pd.Timestamp("2025-01-02 08:00") + pd.to_timedelta(np.sort(RNG.integers(0, 300 * 1440, N)), "min")
SOURCE = RNG.choice(["Referral", "Web", "Call"], N, p=[0.15, 0.4, 0.45])
WON = RNG.random(N) < np.where(SOURCE == "Referral", 0.65, 0.15)
OPEN = RNG.random(N) < 0.2
STATE = np.where(OPEN, "open", np.where(WON, "won", "lost"))
CLOSED_AT = ARRIVED + pd.to_timedelta(RNG.integers(1, 40, N), "D")
PLAIN = pd.DataFrame({"lead_id": range(N), "created_at": ARRIVED.astype(str), "source": SOURCE})


def proposed(table: pd.DataFrame, folder: Path, **given: str) -> Proposal:
    table.to_csv(folder / "leads.csv", index=False)
    proposal = propose(TableLocations(str(folder / "leads.csv"), **given), relative_to=folder)
    (folder / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    return proposal


def known(proposal: Proposal) -> dict[str, str]:
    return {field.name: field.known.value for field in proposal.fields}


def test_a_flag_that_is_true_for_all_closed_leads_is_known_later_and_its_figures_are_said(tmp_path: Path) -> None:
    flag = np.where(OPEN, "nope", "yep")
    proposal = proposed(PLAIN.assign(stage=STATE, flagged=flag), tmp_path)
    assert known(proposal)["flagged"] == "later"
    notes = next(field.notes for field in proposal.fields if field.name == "flagged")
    assert "suspect: yep for 100% of the closed leads and 0% of the open ones" in notes


def test_words_for_lost_leave_the_source_known_at_arrival(tmp_path: Path) -> None:
    words = np.where(RNG.random(N) < 0.4, "Junk Lead", np.where(RNG.random(N) < 0.5, "Not Responding", "LOST"))
    status = np.where(OPEN, "Potential", np.where(WON, "CONVERTED", words))
    proposal = proposed(PLAIN.assign(Status=status), tmp_path)
    assert set(proposal.setting("lost") or ()) == {"Junk Lead", "Not Responding", "LOST"}
    assert proposal.setting("source") == "source"
    assert known(proposal)["source"] == "arrival"


def test_what_never_was_a_lead_is_proposed_and_once_taken_left_out_and_counted(tmp_path: Path) -> None:
    status = np.where(OPEN, "open", np.where(WON, "won", np.where(np.arange(N) % 2, "Duplicate", "lost")))
    proposal = proposed(PLAIN.assign(status=status), tmp_path)
    assert proposal.summary is not None
    assert "Are these leads at all: Duplicate?" in proposal.summary.checks[0]
    toml = tmp_path / "scoring.toml"
    before = read_history(read_config(toml))
    taken = toml.read_text(encoding="utf-8").replace("# not_a_lead", "not_a_lead")
    toml.write_text(taken, encoding="utf-8")
    after = read_history(read_config(toml))
    duplicates = int((status == "Duplicate").sum())
    assert len(before.leads) - len(after.leads) == duplicates
    assert any(f"no leads at all, so left out: {duplicates} ('duplicate')" in note for note in after.notes)


def test_of_two_dates_that_are_always_there_the_one_that_is_never_later_is_the_arrival(tmp_path: Path) -> None:
    table = PLAIN.rename(columns={"created_at": "zz_first"}).assign(
        zz_second=(ARRIVED + pd.Timedelta(days=3)).astype(str), status=STATE
    )
    proposal = proposed(table, tmp_path)
    assert proposal.setting("created_at") == "zz_first"
    assert known(proposal)["zz_second"] == "later"
    assert proposal.summary is not None
    assert any("zz_first" in check and "never later than zz_second" in check for check in proposal.summary.checks)


def test_the_id_is_what_never_repeats(tmp_path: Path) -> None:
    customers = [f"C{number:04d}" for number in RNG.integers(0, 600, N)]
    table = PLAIN.rename(columns={"lead_id": "Opportunity ID"}).assign(**{"Customer ID": customers, "Stage": STATE})
    proposal = proposed(table, tmp_path)
    assert proposal.setting("id") == "Opportunity ID"
    assert "Customer ID" in {left.name for left in proposal.left_out}


def test_an_expected_closing_date_of_an_open_lead_is_no_fact(tmp_path: Path) -> None:
    closing = np.where(OPEN, "2026-12-24", CLOSED_AT.strftime("%Y-%m-%d"))
    proposed(PLAIN.assign(stage=STATE, **{"Close Date": closing}), tmp_path)
    history = read_history(read_config(tmp_path / "scoring.toml"))
    assert history.closed_at is not None
    assert np.isnat(history.closed_at[STATE == "open"]).all()
    assert not np.isnat(history.closed_at[STATE != "open"]).any()


def test_words_among_closing_dates_stand_for_none(tmp_path: Path) -> None:
    closing = np.where(OPEN, "not closed", CLOSED_AT.strftime("%Y-%m-%d"))
    proposal = proposed(PLAIN.assign(stage=STATE, **{"Close Date": closing}), tmp_path)
    assert proposal.setting("at") == "Close Date"
    history = read_history(read_config(tmp_path / "scoring.toml"))
    assert history.closed_at is not None
    assert int(np.isnat(history.closed_at).sum()) == int(OPEN.sum())


def test_a_closing_date_far_beyond_all_others_is_said(tmp_path: Path) -> None:
    closing = np.where(OPEN, "", CLOSED_AT.strftime("%Y-%m-%d")).astype(object)
    wrong = int(np.flatnonzero(STATE == "lost")[0])
    closing[wrong] = "2052-03-01"
    proposal = proposed(PLAIN.assign(stage=STATE, closed_at=closing), tmp_path)
    assert proposal.summary is not None
    said = [check for check in proposal.summary.checks if "far beyond all others" in check]
    assert said == [f"1 closing dates lie beyond today, or far beyond all others (row {wrong + 2}): not used."]


def test_a_refusal_shows_every_column_of_few_values_and_a_command(tmp_path: Path) -> None:
    phase = np.where(OPEN, "P1", np.where(WON, "P4", "P5"))
    with pytest.raises(TableRefused) as refused:
        proposed(PLAIN.assign(phase=phase, region=RNG.choice(["N", "S"], N)), tmp_path)
    message = str(refused.value)
    for text in (
        "column 'phase': holds 'P5' (",
        "column 'region': holds ",
        "column 'source': holds ",
        "--outcome 'phase=VALUE",
    ):
        assert text in message


def test_calls_are_found_under_other_names(tmp_path: Path) -> None:
    calls = pd.DataFrame({"event_id": range(50), "lead": range(50), "event_date": "2025-01-03", "contact_type": "Call"})
    calls.to_csv(tmp_path / "calls.csv", index=False)
    proposal = proposed(PLAIN.assign(status=STATE), tmp_path, contacts=str(tmp_path / "calls.csv"))
    found = {line.key: line.value for line in proposal.contacts}
    assert (found["id"], found["started_at"]) == ("lead", "event_date")


def test_calls_whose_time_cannot_be_told_are_refused_with_what_to_write(tmp_path: Path) -> None:
    calls = pd.DataFrame({"lead_id": range(50), "begin": "2025-01-03", "finish": "2025-01-04"})
    calls.to_csv(tmp_path / "calls.csv", index=False)
    with pytest.raises(TableRefused, match=r'Write \[contacts\] started_at = "COLUMN"'):
        proposed(PLAIN.assign(status=STATE), tmp_path, contacts=str(tmp_path / "calls.csv"))


def test_old_open_leads_count_as_not_won_in_the_examination_as_in_training(tmp_path: Path) -> None:
    """The source wins 65 % of all its leads, but every one of those that were closed by a word."""
    lost = (RNG.random(N) < 0.2) & (SOURCE != "Referral") & ~WON
    status = np.where(WON, "won", np.where(lost, "lost", "open"))
    proposal = proposed(PLAIN.assign(status=status), tmp_path)
    assert known(proposal)["source"] == "arrival"


def test_the_summary_says_how_many_from_when_and_what_decides(tmp_path: Path) -> None:
    proposal = proposed(PLAIN.assign(status=STATE), tmp_path)
    assert proposal.summary is not None
    lines = list(proposal.summary.lines())
    won, lost, open_ = (np.count_nonzero(state == STATE) for state in ("won", "lost", "open"))
    days = f"{ARRIVED.min():%Y-%m-%d} to {ARRIVED.max():%Y-%m-%d}"
    assert lines[0] == f"900 leads, arrived from {days}: {won} won, {lost} lost, {open_} open."
    assert lines[1] == 'What decides is "status": won is won; lost is lost, open is open.'


def test_of_a_stage_that_names_no_lost_lead_the_others_are_open(tmp_path: Path) -> None:
    status = np.where(WON, "Closed Won", RNG.choice(["Pending Response", "Pending Contract"], N))
    proposal = proposed(PLAIN.assign(dealstage=status), tmp_path)
    assert proposal.summary is not None
    assert (proposal.summary.won, proposal.summary.lost, proposal.summary.open) == (
        int(WON.sum()),
        0,
        int((~WON).sum()),
    )
    assert any("Pending Contract" in check for check in proposal.summary.checks)


def test_two_outcomes_that_name_other_winners_are_asked_about_and_two_that_agree_are_one(tmp_path: Path) -> None:
    agreed = proposed(PLAIN.assign(status=STATE, is_won=np.where(STATE == "won", "true", "false")), tmp_path)
    assert agreed.setting("column") == "status"
    assert known(agreed)["is_won"] == "later"
    with pytest.raises(TableRefused, match="choose one with --outcome COLUMN"):
        proposed(PLAIN.assign(status=STATE, is_won=RNG.choice(["true", "false"], N)), tmp_path)


def test_a_column_called_like_a_role_that_is_not_read_so_is_said(tmp_path: Path) -> None:
    proposal = proposed(PLAIN.assign(status=STATE, **{"Deal Value": RNG.choice(["a lot", "little"], N)}), tmp_path)
    assert proposal.summary is not None
    said = '"Deal Value" is called like value, but what it holds is not read as numbers.'
    assert said in proposal.summary.checks

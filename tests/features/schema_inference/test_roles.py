"""Which columns `leads init` takes for the lead's id, its arrival and its closing date."""

from pathlib import Path

import numpy as np
import pandas as pd

from features.schema_inference.roles import id_candidates
from tests.features.schema_inference.leads_table import ARRIVED, CLOSED, CLOSING, LEADS, WON, N, checks, proposed


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


def test_the_leads_own_id_is_the_id_though_a_few_rows_repeat_it(tmp_path: Path) -> None:
    ids = LEADS["lead_id"].where(np.arange(N) % 100 > 0, "L00005")
    table = LEADS.assign(lead_id=ids)
    table.insert(1, "account_no", 9_000 + 7 * np.arange(N))
    proposal = proposed(tmp_path, table)
    assert proposal.setting("id") == "lead_id"
    assert '"lead_id" repeats in 4 rows, which training refuses: keep one row a lead.' in checks(proposal)


def test_an_id_of_somebody_else_is_asked_about_where_another_column_never_repeats_either(tmp_path: Path) -> None:
    table = LEADS.rename(columns={"lead_id": "contact_id"})
    table.insert(0, "x1", 100_000 + 7 * np.arange(N))
    assert '"contact_id" is taken for the id of the lead (id): or is it x1?' in checks(proposed(tmp_path, table))


def test_an_arrival_that_a_few_leads_lack_is_taken_and_said_before_another_date_is(tmp_path: Path) -> None:
    later = (ARRIVED + pd.to_timedelta(np.arange(N) % 200, "D")).strftime("%Y-%m-%d")
    lacking = LEADS["created_at"].where(np.arange(N) % 30 > 0, "")
    proposal = proposed(tmp_path, LEADS.assign(created_at=lacking, project_start=later))
    assert proposal.setting("created_at") == "created_at"
    assert "(created_at), though 14 leads have none, which training refuses." in checks(proposal)


def test_where_many_leads_lack_the_arrival_no_other_date_is_taken_for_it(tmp_path: Path) -> None:
    later = (ARRIVED + pd.to_timedelta(np.arange(N) % 200, "D")).strftime("%Y-%m-%d")
    lacking = LEADS["created_at"].where(np.arange(N) % 4 > 0, "")
    proposal = proposed(tmp_path, LEADS.assign(created_at=lacking, project_start=later))
    assert proposal.setting("created_at") is None
    assert '"created_at" is called so, but 25% of the leads have none.' in checks(proposal)


def test_a_date_that_is_never_later_than_the_one_called_the_arrival_is_asked_about(tmp_path: Path) -> None:
    later = (ARRIVED + pd.to_timedelta(1 + np.arange(N) % 9, "D")).strftime("%Y-%m-%d")
    table = LEADS.rename(columns={"created_at": "Kolumna 4"}).assign(**{"Lead Created At": later})
    assert "though Kolumna 4 is never later: which one is it?" in checks(proposed(tmp_path, table))


def test_a_closing_date_that_lost_leads_have_as_well_comes_before_one_of_the_won(tmp_path: Path) -> None:
    table = CLOSED.assign(won_at=np.where(WON, CLOSING, ""))[[*LEADS.columns, "won_at", "closed_at"]]
    assert proposed(tmp_path, table).setting("at") == "closed_at"


def test_a_date_of_won_leads_alone_is_taken_for_the_closing_date_only_by_its_name_and_said(tmp_path: Path) -> None:
    won_only = np.where(WON, CLOSING, "")
    invoiced = proposed(tmp_path, LEADS.assign(first_invoice_on=won_only))
    assert invoiced.setting("at") is None
    assert "(at), so that a win counts whenever it came. Is it one of first_invoice_on?" in checks(invoiced)
    assert 'Lost leads have no date in "won_at" (at)' in checks(proposed(tmp_path, LEADS.assign(won_at=won_only)))


def test_a_date_that_only_closed_leads_have_is_taken_for_the_closing_date_and_said(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, LEADS.assign(**{"Demo on": CLOSING}))
    assert proposal.setting("at") == "Demo on"
    assert '"Demo on" is taken for when leads were won or lost (at), as' in checks(proposal)


def test_a_closing_date_that_open_leads_have_comes_after_one_that_only_closed_leads_have(tmp_path: Path) -> None:
    dated = LEADS.assign(**{"Converted Date": LEADS["created_at"], "Deal Close Date": CLOSING})
    assert proposed(tmp_path, dated).setting("at") == "Deal Close Date"


def test_an_expected_closing_date_that_open_leads_have_is_asked_about(tmp_path: Path) -> None:
    expected = (ARRIVED + pd.Timedelta(days=7)).strftime("%Y-%m-%d")
    proposal = proposed(tmp_path, LEADS.assign(**{"Expected Close Date": expected}))
    assert proposal.setting("at") == "Expected Close Date"
    assert "does closing a lead set it anew?" in checks(proposal)


def test_rows_that_are_changes_of_a_deal_are_not_counted_as_leads_by_their_number(tmp_path: Path) -> None:
    changes = pd.concat([LEADS.rename(columns={"lead_id": "Deal ID"})] * 3)
    proposal = proposed(tmp_path, changes)
    assert proposal.setting("id") == "Deal ID"
    assert f'"Deal ID" repeats in {2 * N:,} rows, which training refuses: keep one row a lead.' in checks(proposal)


def test_counts_of_calls_and_mails_are_asked_about_and_counts_of_visits_are_not(tmp_path: Path) -> None:
    sent, visits = np.random.default_rng(4).integers(0, 9, (2, N))
    said = checks(proposed(tmp_path, LEADS.assign(num_emails_sent=sent, total_visits=visits)))
    assert 'Calls or mails after the arrival must not be among "num_emails_sent": if they are' in said


def test_a_uid_in_hexadecimal_digits_is_the_id() -> None:
    uids = [f"{number * 2_654_435_761 % 2**32:x}" for number in range(500)] + ["facade"]
    assert id_candidates(pd.DataFrame({"Lead UID": uids, "Country": "NL"})) == ["Lead UID"]


def test_money_that_won_leads_alone_have_is_the_value_before_money_that_all_have(tmp_path: Path) -> None:
    money = 1_000 + 7 * np.arange(N)
    table = LEADS.assign(amount=money, contract_sum_value=np.where(WON, money.astype(str), ""))
    assert proposed(tmp_path, table).setting("value") == "contract_sum_value"
    few = LEADS.assign(amount=money, refund_amount=np.where(WON & (np.arange(N) % 9 == 0), money.astype(str), ""))
    assert proposed(tmp_path, few).setting("value") == "amount"

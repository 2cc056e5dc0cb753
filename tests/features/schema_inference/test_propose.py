"""leads init: roles, outcome, kinds and placeholders proposed from what a CRM exports."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import ScoringConfig, read_config
from features.errors import TableRefused
from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from features.values import Kind

N = 400
RNG = np.random.default_rng(0)
WON = RNG.random(N) < 0.25
DAYS = pd.Timestamp("2024-01-13") + pd.to_timedelta(np.sort(RNG.integers(0, 300, N)), "D")
PLAIN = pd.DataFrame({"lead_id": range(N), "size": RNG.normal(size=N).round(2), "y": np.where(WON, "yes", "no")})


def proposed(
    folder: Path, table: pd.DataFrame, outcomes: pd.DataFrame | None = None, outcome: str | None = None
) -> tuple[Proposal, ScoringConfig]:
    """The proposal, and the same as it is read back from the file it writes."""
    table.to_csv(folder / "leads.csv", index=False, sep=";")
    if outcomes is not None:
        outcomes.to_csv(folder / "outcomes.csv", index=False)
    other = None if outcomes is None else str(folder / "outcomes.csv")
    proposal = propose(TableLocations(str(folder / "leads.csv"), outcomes=other), outcome=outcome, relative_to=folder)
    (folder / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    return proposal, read_config(folder / "scoring.toml")


def crm_export() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Prospect ID": [f"{place:08x}" for place in range(N)],
            "Created Date": DAYS.strftime("%d.%m.%Y") + " 14:05",
            "Lead Source": RNG.choice(["Google", 'Ref, "x"', "Direct"], N),
            "utm_campaign": RNG.choice(["spring", "autumn"], N),
            "Budget, €": [f"{amount:.2f}".replace(".", ",") for amount in RNG.normal(1000, 300, N)],
            "Phone": RNG.integers(10**9, 10**10, N),
            "E-Mail": [f"a{place}@x.de" for place in range(N)],
            "Specialization": RNG.choice(["Select", "HR", "IT", "Ops"], N),
            'odd\n"name".x': RNG.choice(["a", "b"], N),
            "Deal Value": np.where(WON, "100,5", ""),
            "Closed Date": np.where(WON, (DAYS + pd.Timedelta(days=9)).strftime("%d.%m.%Y") + " 10:00", ""),
            "Lead Status": np.where(WON, "Closed Won", RNG.choice(["Closed Lost", "New", "Working"], N)),
            "First Name": RNG.choice(["Jo", "Al"], N),
            "Portal": "web",
            "Notes": "",
        }
    )


def test_a_crm_export_is_understood_and_the_file_is_valid(tmp_path: Path) -> None:
    proposal, config = proposed(tmp_path, crm_export())
    leads = config.leads
    assert (leads.table, leads.id, leads.created_at) == ("leads.csv", "Prospect ID", "Created Date")
    assert (leads.source, leads.campaign, leads.value) == ("Lead Source", "utm_campaign", "Deal Value")
    assert (leads.order, leads.decimal, leads.date_format) == ("created_at", ",", "%d.%m.%Y %H:%M")
    assert config.outcome.model_dump(include={"column", "won", "lost", "not_worked", "at", "horizon_days"}) == {
        "column": "Lead Status",
        "won": ("closed won",),
        "lost": ("closed lost",),
        "not_worked": ("new",),
        "at": "Closed Date",
        "horizon_days": 90,
    }
    assert {name: field.kind.value for name, field in config.fields.items()} == {
        "Created Date": "datetime",
        "Lead Source": "category",
        "utm_campaign": "category",
        "Budget, €": "numeric",
        "Phone": "phone",
        "E-Mail": "email",
        "Specialization": "category",
        'odd\n"name".x': "category",
    }
    assert config.fields["Specialization"].missing == ("Select",)
    assert {left.name: left.why for left in proposal.left_out} == {
        "First Name": "a person's name",
        "Portal": 'constant: always "web"',
        "Notes": "empty",
    }


def test_every_setting_has_its_comment(tmp_path: Path) -> None:
    toml = proposed(tmp_path, PLAIN)[0].to_toml()
    settings = [line for line in toml.partition("\n[fields")[0].splitlines() if " = " in line and line[0] != "#"]
    assert settings
    assert all(" # " in line for line in settings)


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y %H:%M", "%d %b %Y", "%m/%d/%Y %I:%M %p"])
def test_the_values_tell_day_first_from_month_first(tmp_path: Path, form: str) -> None:
    config = proposed(tmp_path, PLAIN.assign(created_at=DAYS.strftime(form)))[1]
    assert config.leads.date_format == form


def test_a_date_that_can_be_read_two_ways_is_said_to_be_so(tmp_path: Path) -> None:
    days = pd.Timestamp("2024-03-01") + pd.to_timedelta(RNG.integers(0, 12, N), "D")
    toml = proposed(tmp_path, PLAIN.assign(created_at=days.strftime("%d/%m/%Y")))[0].to_toml()
    assert 'date_format = "%d/%m/%Y" # how dates are written (strptime); every date also reads as %m/%d/%Y' in toml


def test_arrival_times_of_whole_days_are_no_field(tmp_path: Path) -> None:
    assert "created_at" not in proposed(tmp_path, PLAIN.assign(created_at=DAYS.strftime("%Y-%m-%d")))[1].fields


def test_without_an_id_the_rows_count(tmp_path: Path) -> None:
    proposal, config = proposed(tmp_path, PLAIN.drop(columns="lead_id"))
    assert config.leads.id is None
    assert "row numbers" in proposal.to_toml()


def test_a_count_of_contacts_is_no_campaign(tmp_path: Path) -> None:
    config = proposed(tmp_path, PLAIN.assign(campaign=RNG.integers(1, 9, N)))[1]
    assert config.leads.campaign is None
    assert config.fields["campaign"].kind == Kind.NUMERIC


def test_codes_that_hardly_repeat_are_left_out(tmp_path: Path) -> None:
    codes = [f"K{place * 7919 % 100003:06d}" for place in range(N)]
    proposal = proposed(tmp_path, PLAIN.assign(voucher=codes, twin=PLAIN["lead_id"]))[0]
    assert {left.name: left.why for left in proposal.left_out} == {
        "voucher": "an id: 400 different values in 400 rows",
        "twin": "the same as lead_id",
    }


def test_numbers_with_a_few_words_among_them_are_named_by_row(tmp_path: Path) -> None:
    table = PLAIN.astype({"size": str})
    table.loc[[3, 7], "size"] = ["abc", "12x"]
    note = next(field.notes[0] for field in proposed(tmp_path, table)[0].fields if field.name == "size")
    assert note == "2 values are not a number (rows 5, 9): mend them, or list them under missing"


def test_an_outcomes_table_of_wins_leaves_the_others_open(tmp_path: Path) -> None:
    wins = pd.DataFrame({"lead": PLAIN["lead_id"][WON], "at": DAYS[WON].strftime("%Y-%m-%d"), "status": "won"})
    outcome = proposed(tmp_path, PLAIN.drop(columns="y"), wins.rename(columns={"lead": "lead_id"}))[1].outcome
    assert (outcome.table, outcome.id, outcome.column, outcome.at) == (
        "outcomes.csv",
        "lead_id",
        "status",
        "at",
    )
    assert (outcome.won, outcome.lost) == (("won",), ())


def test_outcomes_of_other_leads_are_refused(tmp_path: Path) -> None:
    wins = pd.DataFrame({"lead_id": ["x", "y"], "status": "won"})
    with pytest.raises(TableRefused, match="no column of it names leads of the leads table"):
        proposed(tmp_path, PLAIN.drop(columns="y"), wins)


def test_two_outcomes_are_listed_with_their_values(tmp_path: Path) -> None:
    with pytest.raises(TableRefused) as refused:
        proposed(tmp_path, PLAIN.assign(won=RNG.choice(["1", "0"], N)))
    message = str(refused.value)
    assert "choose one with --outcome COLUMN" in message
    assert "column 'y': holds 'no' (" in message
    assert "column 'won': holds '" in message


def test_values_that_nobody_knows_are_listed_and_can_be_said(tmp_path: Path) -> None:
    table = PLAIN.rename(columns={"y": "phase"}).replace({"yes": "P4", "no": "P1"})
    with pytest.raises(TableRefused, match=r"it holds 'P1' \(\d+\), 'P4' \(\d+\). Say which mean won with --outcome"):
        proposed(tmp_path, table, outcome="phase")
    outcome = proposed(tmp_path, table, outcome="phase=P4")[1].outcome
    assert (outcome.column, outcome.won, outcome.lost) == ("phase", ("p4",), ("p1",))


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("conv", "column 'conv': there is no such column; the table has 'lead_id', 'size'"),
        (None, "no column looks"),
    ],
)
def test_no_outcome_is_refused_with_the_columns_there_are(tmp_path: Path, outcome: str | None, message: str) -> None:
    with pytest.raises(TableRefused, match=message):
        proposed(tmp_path, PLAIN.drop(columns="y"), outcome=outcome)


def test_a_wide_table_of_mess_is_proposed_in_reasonable_time(tmp_path: Path) -> None:
    rare = {f"field {place}": np.where(RNG.random(N) < 0.02, "a", "") for place in range(500)}
    proposal = proposed(tmp_path, pd.DataFrame({**PLAIN, **rare}))[0]
    assert len(proposal.fields) + len(proposal.left_out) == 501


def test_the_bank_file_is_understood(real_data: Path) -> None:
    proposal = propose(
        TableLocations(str(real_data / "bank-marketing" / "bank-additional-full.csv")), relative_to=real_data
    )
    fields = {field.name: field for field in proposal.fields}
    assert proposal.setting("table") == "bank-marketing/bank-additional-full.csv"
    assert proposal.setting("column") == "y"
    assert proposal.setting("order") == "file"
    assert fields["pdays"].missing == ("999",)
    assert "96.3% of the rows" in fields["pdays"].missing_why
    assert fields["campaign"].kind == Kind.NUMERIC
    assert len(fields) == 20


def test_columns_that_name_a_person_are_proposed_as_roles(tmp_path: Path) -> None:
    people = PLAIN.assign(
        **{
            "Full Name": [f"Jo {place}" for place in range(N)],
            "First Name": [f"Jo{place}" for place in range(N)],
            "Company": [f"Firm {place % 90}" for place in range(N)],
            "Job Title": RNG.choice(["clerk", "director", "engineer"], N),
            "Mobile": [f"+49 170 {place:07}" for place in range(N)],
            "E-Mail": [f"a{place}@x.de" for place in range(N)],
            "Owner": RNG.choice(["Ann Lee", "Bo Day"], N),
        }
    )
    proposal, config = proposed(tmp_path, people)
    leads = config.leads
    assert (leads.name, leads.company, leads.job) == ("Full Name", "Company", "Job Title")
    assert (leads.phone, leads.email) == ("Mobile", "E-Mail")
    assert "Full Name" not in config.fields
    assert 'name = "Full Name" # who it is, for people to read; never feeds the score' in proposal.to_toml()


def test_a_table_without_people_names_none(tmp_path: Path) -> None:
    _, config = proposed(tmp_path, PLAIN.assign(contact=RNG.choice(["cellular", "telephone"], N)))
    assert (config.leads.name, config.leads.company, config.leads.phone) == (None, None, None)
    assert "contact" in config.fields

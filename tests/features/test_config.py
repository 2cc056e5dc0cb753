"""scoring.toml: what is read, and that every key at fault is named with what would do."""

from pathlib import Path

import pytest

from features.config import ConfigRefused, ScoringConfig, check_config, read_config
from features.schema import Field, LeadSchema
from features.values import Kind, Known

LEAST = """
[leads]
table = "leads.csv"
[outcome]
column = "converted"
won = ["1"]
[fields.age]
kind = "numeric"
"""

WHOLE = """
[leads]
table = "data/leads.csv"
id = "Lead ID"
created_at = "Created"
source = "Lead Source"
campaign = "utm"
value = "Amount"
decimal = ","
date_format = "%d.%m.%Y"
[outcome]
table = "outcomes.csv"
id = "lead"
column = "status"
won = [1, "Yes", true, "Closed  WON"]
lost = ["no", 0.0]
not_worked = ["New"]
at = "closed"
horizon_days = 30
[fields."Total Time Spent on Website"]
kind = "numeric"
missing = [999, -1.0, "Select", true]
[fields."Lead Source"]
kind = "category"
[fields.deal]
kind = "numeric"
known = "later"
[contacts]
table = "sqlite:///crm.db"
[training]
budget_s = 5
seed = 1
grade_shares = [0.2, 0.2, 0.2]
"""


def read(folder: Path, toml: str | bytes) -> ScoringConfig:
    path = folder / "scoring.toml"
    path.write_bytes(toml.encode() if isinstance(toml, str) else toml)
    return read_config(path)


def refusal(folder: Path, toml: str | bytes) -> str:
    with pytest.raises(ConfigRefused) as refused:
        read(folder, toml)
    return str(refused.value).replace(str(folder / "scoring.toml"), "T")


def with_(section: str, *lines: str) -> str:
    return LEAST.replace(f"[{section}]", "\n".join([f"[{section}]", *lines]))


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    config = read(tmp_path, LEAST)
    assert config.lead_schema == LeadSchema((Field("age", Kind.NUMERIC),))
    assert (config.leads.resolved_order, config.outcome.horizon_days, config.contacts) == ("none", 90, None)
    assert (config.training.budget_s, config.training.seed, config.training.grade_shares) == (120, 7, (0.1, 0.2, 0.3))


def test_all_that_can_be_said_is_read(tmp_path: Path) -> None:
    config = read(tmp_path, WHOLE)
    assert config.lead_schema == LeadSchema(
        (
            Field("Total Time Spent on Website", Kind.NUMERIC, Known.ARRIVAL, ("999", "-1", "Select", "true")),
            Field("Lead Source", Kind.CATEGORY),
            Field("deal", Kind.NUMERIC, Known.LATER),
        ),
        id="Lead ID",
        created_at="Created",
        source="Lead Source",
        campaign="utm",
        value="Amount",
        decimal=",",
        date_format="%d.%m.%Y",
    )
    assert config.outcome.won == ("1", "yes", "1", "closed won")
    assert (config.outcome.lost, config.outcome.not_worked) == (("no", "0"), ("new",))
    assert config.contacts is not None
    assert (config.contacts.id, config.contacts.started_at) == ("lead_id", "started_at")


def test_logged_scores_need_to_know_when_leads_arrive_and_who_was_worked(tmp_path: Path) -> None:
    scores = LEAST + '[propensity]\ntable = "scores.csv"\n'
    assert "propensity needs leads.created_at" in refusal(tmp_path, scores)
    dated = scores.replace("[leads]", '[leads]\ncreated_at = "at"')
    assert "propensity needs [contacts] or outcome.not_worked" in refusal(tmp_path, dated)
    config = read(tmp_path, dated + '[contacts]\ntable = "contacts.csv"\n')
    assert config.propensity is not None
    assert (config.propensity.id, config.propensity.probability) == ("lead_id", "probability")


def test_with_arrival_times_the_order_is_theirs_unless_said_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path, with_("leads", 'created_at = "at"')).leads.resolved_order == "created_at"
    assert read(tmp_path, with_("leads", 'created_at = "at"', 'order = "file"')).leads.resolved_order == "file"


def test_paths_are_relative_to_the_file_and_urls_are_not(tmp_path: Path) -> None:
    config = read(tmp_path, WHOLE)
    assert config.locate("data/leads.csv") == str(tmp_path / "data/leads.csv")
    assert config.locate("/elsewhere/leads.csv") == "/elsewhere/leads.csv"
    assert config.locate("sqlite:///crm.db") == "sqlite:///crm.db"


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode()).leads.table == "leads.csv"


def test_no_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match=r"is not there\. `leads init LEADS` writes one\."):
        read_config(tmp_path / "scoring.toml")


def test_a_folder_or_text_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match="cannot be read: Is a directory"):
        read_config(tmp_path)
    assert refusal(tmp_path, "[leads\n").startswith("T is not valid TOML: ")
    assert refusal(tmp_path, b"x = '\xff'").startswith("T is not valid TOML: ")


def test_every_key_at_fault_is_named_at_once(tmp_path: Path) -> None:
    toml = """
    colour = "red"
    [leads]
    tabel = "leads.csv"
    order = "newest"
    [outcome]
    won = "yes"
    horizon_days = 0
    [fields.age]
    kind = "number"
    known = "soon"
    [fields.job]
    missing = "Select"
    [training]
    seed = -1
    """
    assert refusal(tmp_path, toml).splitlines() == [
        "T:",
        "  leads.table: is required",
        "  leads.order: Input should be 'created_at', 'file' or 'none'",
        "  leads.tabel: there is no such key",
        "  outcome.column: is required",
        '  outcome.won: expected a list such as ["yes"]',
        "  outcome.horizon_days: Input should be greater than 0",
        "  fields.age.kind: Input should be 'numeric', 'category', 'flag', 'datetime', 'text', 'email' or 'phone'",
        "  fields.age.known: Input should be 'arrival' or 'later'",
        "  fields.job.kind: is required",
        '  fields.job.missing: expected a list such as ["yes"]',
        "  training.seed: Input should be greater than or equal to 0",
        "  colour: there is no such key",
    ]


def test_an_empty_file_names_what_it_needs(tmp_path: Path) -> None:
    assert refusal(tmp_path, "").splitlines() == [
        "T:",
        "  leads: is required",
        "  outcome: is required",
        "  fields: is required",
    ]


@pytest.mark.parametrize(
    ("section", "lines", "detail"),
    [
        ("leads", ['order = "created_at"'], 'leads: order = "created_at" needs created_at'),
        ("leads", ['source = "utm"', 'campaign = "utm"'], "leads: a column plays one role; these play several: 'utm'"),
        ("leads", ['decimal = ";"'], "leads.decimal: Input should be '.' or ','"),
        ("leads", ['date_format = "%H:%M"'], "leads.date_format: a strptime format with day, month and year, such as"),
        ("leads", ['date_format = "%d.%m.%d"'], "leads.date_format: a strptime format with day, month and year"),
        ("leads", ['date_format = "%d.%m.%Q"'], "leads.date_format: a strptime format with day, month and year"),
        ("leads", ['date_format = ""'], "leads.date_format: a strptime format with day, month and year"),
        ("outcome", ['table = "o.csv"'], "outcome: an outcome table of its own needs id"),
        ("outcome", ['lost = ["yes", true, "New"]', 'not_worked = ["new"]'], "cannot mean two things: '1', 'new'"),
        ("outcome", ["horizon_days = 9999"], "outcome.horizon_days: Input should be less than or equal to 3650"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    tmp_path: Path, section: str, lines: list[str], detail: str
) -> None:
    assert detail in refusal(tmp_path, with_(section, *lines))


def test_no_won_values_are_refused(tmp_path: Path) -> None:
    assert "outcome.won: " in refusal(tmp_path, LEAST.replace('["1"]', "[]"))


@pytest.mark.parametrize("shares", ["[0.5, 0.3, 0.2]", "[0.0, 0.1, 0.1]", "[-0.1, 0.1, 0.1]"])
def test_grades_leave_room_for_each_other(tmp_path: Path, shares: str) -> None:
    toml = f"{LEAST}[training]\ngrade_shares = {shares}\n"
    assert "training.grade_shares: three shares above 0 for A, B and C that leave some leads for D" in refusal(
        tmp_path, toml
    )


def test_only_fields_may_be_accepted_as_they_arrive(tmp_path: Path) -> None:
    toml = f'{LEAST}[arrivals]\ntable = "arrivals.csv"\naccept = ["age", "agee"]\n'
    assert "arrivals.accept names agee, which is no field" in refusal(tmp_path, toml)


def test_what_tells_the_outcome_is_no_field_of_a_lead_that_arrives(tmp_path: Path) -> None:
    toml = """
    [leads]
    table = "leads.csv"
    id = "id"
    value = "amount"
    [outcome]
    column = "converted"
    won = ["1"]
    at = "closed"
    [fields]
    id = {kind = "category"}
    amount = {kind = "numeric"}
    converted = {kind = "flag"}
    closed = {kind = "datetime"}
    """
    assert refusal(tmp_path, toml).splitlines()[1].split("; ") == [
        "  fields.id is the lead's id: leave it out",
        'fields.amount is money from a won lead: leave it out or write known = "later"',
        'fields.converted is the outcome: leave it out or write known = "later"',
        'fields.closed is the time of the outcome: leave it out or write known = "later"',
    ]


def test_the_column_of_another_table_may_share_its_name_with_a_field(tmp_path: Path) -> None:
    toml = LEAST.replace('column = "converted"', 'column = "age"\ntable = "outcomes.csv"\nid = "lead"')
    assert read(tmp_path, toml).outcome.column == "age"


def test_a_field_that_plays_a_role_is_of_its_kind_and_known_at_arrival(tmp_path: Path) -> None:
    toml = with_("leads", 'created_at = "at"', 'source = "utm"') + (
        '[fields.at]\nkind = "category"\n[fields.utm]\nkind = "category"\nknown = "later"\n'
    )
    assert refusal(tmp_path, toml).splitlines()[1].split("; ") == [
        '  fields.at is leads.created_at: its kind is "datetime"',
        'fields.utm is leads.source, which a score may use: only known = "arrival" will do',
    ]


def test_a_model_needs_a_field_that_is_known_at_arrival(tmp_path: Path) -> None:
    toml = LEAST + 'known = "later"\n'
    assert refusal(tmp_path, toml) == "T:\n  fields: not one is known at arrival; there is nothing to score by"


def test_content_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match="leads: expected a table"):
        check_config(
            {"leads": 3, "outcome": {"column": "x", "won": ["1"]}, "fields": {"a": {"kind": "flag"}}}, tmp_path
        )


def test_roles_of_a_person_are_read_and_a_name_is_no_field(tmp_path: Path) -> None:
    roles = ('name = "Full Name"', 'company = "Firm"', 'job = "age"', 'phone = "Tel"', 'email = "Mail"')
    schema = read(tmp_path, with_("leads", *roles)).lead_schema
    assert schema.person_columns == {
        "name": "Full Name",
        "company": "Firm",
        "job": "age",
        "phone": "Tel",
        "email": "Mail",
    }
    assert "fields.age is a person's name, which feeds no score: leave it out" in refusal(
        tmp_path, with_("leads", 'name = "age"')
    )
    assert "a column plays one role; these play several: 'x'" in refusal(
        tmp_path, with_("leads", 'name = "x"', 'phone = "x"')
    )

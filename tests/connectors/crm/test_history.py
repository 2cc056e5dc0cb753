"""The past of each CRM: pulled whole, resumed wherever it was cut off, and rebuilt as it was when leads arrived."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.crm.crms import make_crm
from connectors.crm.errors import CrmRefused
from connectors.crm.history.histories import HISTORIES, make_history
from connectors.crm.history.kept_pages import KeptPages
from connectors.crm.history.pull import pull_pages
from connectors.crm.history.tables import PastTables, make_tables
from connectors.http_failures import BatchRefused, NotTaken
from tests.connectors.crm import fake_crm
from tests.connectors.crm.fake_crm import FakeCrm
from tests.connectors.crm.messages import connection, environment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JOBS = {"hubspot": "jobtitle", "pipedrive": "3a1f", "bitrix24": "post", "salesforce": "Title", "kommo": "cf_7",
        "dynamics": "jobtitle"}  # fmt: skip
"""Each CRM's own name of a job title."""
PAST = ["hubspot", "pipedrive", "bitrix24", "salesforce", "kommo"]
"""CRMs that tell at least how stages changed."""
ALL = [*PAST, "dynamics"]


@pytest.fixture
def fake(monkeypatch):
    with fake_crm.running() as fake:
        for name, value in environment(fake.url).items():
            monkeypatch.setenv(name, value)
        fake.page = 2
        yield fake


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def key_of(record: dict[str, Any], number: int) -> str:
    return str(record.get("Id") or record.get("leadid") or number)


def lead_of(crm: str, number: int, job: str, stage: str, changed: str) -> dict[str, Any]:
    """A lead of 1 February, in each CRM's own format."""
    made = f"2026-02-01T10:0{number}:00+00:00"
    if crm == "hubspot":
        return {
            "hs_object_id": str(number), "createdate": made, "lastmodifieddate": changed, "jobtitle": job,
            "lifecyclestage": {"won": "customer"}.get(stage, "lead"), "hs_analytics_source": "search",
        }  # fmt: skip
    if crm == "pipedrive":
        return {
            "id": number, "add_time": made, "update_time": changed, "status": stage, "value": 900, "owner_id": 7,
            "channel": "search", "custom_fields": {"3a1f": job},
        }  # fmt: skip
    if crm == "bitrix24":
        return {
            "id": number, "createdTime": made, "updatedTime": changed, "post": job, "sourceId": "search",
            "stageId": {"won": "CONVERTED", "lost": "JUNK"}.get(stage, "NEW"),
        }  # fmt: skip
    if crm == "salesforce":
        return {
            "Id": f"00Q{number}", "CreatedDate": made, "SystemModstamp": changed, "Title": job, "LeadSource": "search",
            "Status": {"won": "Closed - Converted"}.get(stage, "Open"), "IsDeleted": False,
        }  # fmt: skip
    if crm == "dynamics":
        return {
            "leadid": guid(number), "createdon": made, "modifiedon": changed, "jobtitle": job,
            "leadsourcecode": 8, f"leadsourcecode{fake_crm.FORMATTED}": "search",
            "statecode": {"won": 1, "lost": 2}.get(stage, 0),
        }  # fmt: skip
    return {
        "id": number, "created_at": seconds(made), "updated_at": seconds(changed), "source_id": "search",
        "status_id": {"won": 142, "lost": 143}.get(stage, 1),
        "custom_fields_values": [{"field_id": 7, "values": [{"value": job}]}],
    }  # fmt: skip


STAGES = {
    "hubspot": ("lifecyclestage", "lead", "customer"),
    "pipedrive": ("status", "open", "won"),
    "bitrix24": ("stageId", "NEW", "CONVERTED"),
    "salesforce": ("Status", "Open", "Closed - Converted"),
    "kommo": ("status_id", 1, 142),
    "dynamics": ("statecode", 0, 1),
}


def fill(fake: FakeCrm, crm: str) -> None:
    """Five leads: the first was won on the 20th, and somebody wrote another job title into it on the 15th."""
    for number in range(1, 6):
        won = number == 1
        changed = "2026-02-20T10:00:00+00:00" if won else f"2026-02-01T10:0{number}:00+00:00"
        record = lead_of(crm, number, "Director" if won else "clerk", "won" if won else "open", changed)
        fake.records[key_of(record, number)] = record
    key = "00Q1" if crm == "salesforce" else "1"
    name, before, after = STAGES[crm]
    at = seconds if crm == "kommo" else str
    moves = [
        {"name": name, "at": at("2026-02-01T10:01:00+00:00"), "value": before, "before": None},
        {"name": name, "at": at("2026-02-20T09:00:00+00:00"), "value": after, "before": before},
    ]
    job = JOBS[crm]
    told = [
        {"name": job, "at": "2026-02-01T10:01:00+00:00", "value": "clerk", "before": None},
        {"name": job, "at": "2026-02-15T10:00:00+00:00", "value": "Director", "before": "clerk"},
    ]
    fake.history[key] = moves + (told if crm in ("hubspot", "pipedrive", "salesforce") else [])


def past_of(crm: str, url: str):
    secrets = {"token": "env:BITRIX_URL" if crm == "bitrix24" else "env:CRM_TOKEN"}
    if crm in ("salesforce", "dynamics"):
        secrets = {"client_id": "env:CRM_TOKEN", "client_secret": "env:CRM_CLIENT_SECRET"}
    if crm == "dynamics":
        secrets |= {"account": fake_crm.TENANT, "authority": url}
    own = {} if crm == "bitrix24" else {"endpoint": url}
    made = make_crm(connection(crm, fields={"job title": JOBS[crm]}, **secrets, **own))
    made.per_second = 10_000
    return make_history(made)


def pull(fake: FakeCrm, crm: str, folder, now: datetime = NOW, anew: bool = False, erased=()) -> PastTables:
    history = past_of(crm, fake.url)
    kept = KeptPages(folder)
    with history.crm.open_api(timeout=0.3) as api:
        progress = pull_pages(history, api, kept, now, lambda _: None, anew)
    pulled = kept.read(history.mapping.id, progress.size)
    tables = make_tables(pulled, history.connection, history.tells_all, lambda one: one in erased)
    kept.rewrite(progress, pulled, tables.erased)
    return tables


@pytest.mark.parametrize("crm", PAST)
def test_leads_are_as_they_were_when_they_arrived_and_outcomes_of_when_they_came(fake, crm, tmp_path):
    fill(fake, crm)
    tables = pull(fake, crm, tmp_path)

    assert len(tables.leads) == 5
    first = next(row for row in tables.leads if str(row["lead_id"]).endswith("1"))
    told = crm in ("hubspot", "pipedrive", "salesforce")
    assert (first["job title"], first["source"]) == ("clerk" if told else "Director", "search")
    assert tables.untold == ([] if told else ["job title"])
    (outcome,) = tables.outcomes
    assert (outcome["status"], outcome["at"], outcome["lead_id"]) == (
        "won",
        "2026-02-20T09:00:00+00:00",
        first["lead_id"],
    )
    assert [row["stage"] for row in tables.stages] == [STAGES[crm][1], STAGES[crm][2]]


def test_dynamics_leads_stand_as_they_are_now_and_outcomes_as_of_the_last_change(fake, tmp_path):
    fill(fake, "dynamics")
    tables = pull(fake, "dynamics", tmp_path)

    assert [(row["job title"], row["source"]) for row in tables.leads] == [("Director", "search")] + [
        ("clerk", "search")
    ] * 4
    assert tables.untold == ["job title"]
    assert [(row["lead_id"], row["status"], row["at"]) for row in tables.outcomes] == [
        (guid(1), "won", "2026-02-20T10:00:00+00:00")
    ]
    assert tables.stages == []


@pytest.mark.parametrize(
    ("crm", "fault"),
    [
        *((crm, fault) for crm in ALL for fault in ("500", "schema")),
        *(("hubspot", one) for one in ("429 1", "half", "late")),
    ],
)
def test_a_pull_that_is_cut_off_anywhere_goes_on_where_it_was(fake, crm, fault, tmp_path):
    fill(fake, crm)
    whole = pull(fake, crm, tmp_path / "whole")
    asked = len(fake.requests)
    for place in (0, 1, asked // 2, asked - 1) if fault == "500" else (asked // 2,):
        folder = tmp_path / f"{place}"
        fake.requests.clear()
        fake.faults = [""] * place + [fault]
        with pytest.raises((NotTaken, BatchRefused)):
            pull(fake, crm, folder)
        assert pull(fake, crm, folder) == whole
        assert len(fake.requests) <= asked + 4  # no page that was kept is asked for again, but for those of one page


@pytest.mark.parametrize("crm", ALL)
def test_the_next_pull_asks_for_what_changed_since(fake, crm, tmp_path):
    fill(fake, crm)
    pull(fake, crm, tmp_path)
    record = lead_of(crm, 6, "clerk", "open", "2026-03-01T13:00:00+00:00")
    fake.records[key_of(record, 6)] = record
    fake.requests.clear()
    tables = pull(fake, crm, tmp_path, datetime(2026, 3, 1, 14, tzinfo=UTC))

    assert len(tables.leads) == 6
    assert len(tables.outcomes) == 1
    assert len(pull(fake, crm, tmp_path, anew=True).leads) == 6


def test_archived_deals_and_objects_are_among_them(fake, tmp_path):
    for crm in ("hubspot", "pipedrive"):
        fake.records.clear()
        fill(fake, crm)
        fake.archived = {str(one): lead_of(crm, one, "clerk", "lost", "2026-02-02T10:00:00+00:00") for one in (7, 8, 9)}
        tables = pull(fake, crm, tmp_path / crm)
        assert len(tables.leads) == 8
    assert sorted(row["status"] for row in tables.outcomes) == ["lost", "lost", "lost", "won"]


def test_objects_that_changed_at_once_are_paged_by_their_place(fake, tmp_path):
    for number in range(1, 8):
        fake.records[str(number)] = lead_of("hubspot", number, "clerk", "open", "2026-02-01T10:00:00+00:00")

    assert len(pull(fake, "hubspot", tmp_path).leads) == 7


def test_who_was_erased_is_in_no_table_and_no_longer_in_what_was_pulled(fake, tmp_path):
    fill(fake, "hubspot")
    tables = pull(fake, "hubspot", tmp_path, erased=("1",))

    assert "1" not in [row["lead_id"] for row in tables.leads]
    assert tables.outcomes == tables.stages == []
    assert "Director" not in (tmp_path / "pages.jsonl").read_text()


def test_a_record_without_an_arrival_is_counted_and_other_fields_begin_anew(fake, tmp_path):
    fill(fake, "hubspot")
    fake.records["2"] |= {"createdate": ""}
    assert (pull(fake, "hubspot", tmp_path).undated, len(pull(fake, "hubspot", tmp_path).leads)) == (1, 4)

    crm = make_crm(connection("hubspot", token="env:CRM_TOKEN", endpoint=fake.url, fields={"city": "city"}))
    crm.per_second = 10_000
    history = make_history(crm)
    with crm.open_api() as api:
        progress = pull_pages(history, api, KeptPages(tmp_path), NOW, lambda _: None, anew=False)
    assert progress.since is None


def test_a_program_of_one_s_own_has_no_past_that_is_pulled():
    assert "generic" not in HISTORIES
    with pytest.raises(CrmRefused, match="keeps its past itself"):
        make_history(make_crm(connection("generic")))


def test_a_position_that_cannot_be_read_says_what_to_do(tmp_path):
    (tmp_path / "position.json").write_text("{}")
    with pytest.raises(CrmRefused, match="--anew"):
        KeptPages(tmp_path).read_progress()

"""The catalogue of CRMs: an export is recognised by several of its headers at once, and by nothing less."""

import pytest

from features.schema_inference.column_names import Lexicon
from features.schema_inference.crm_catalogue import FOLDER, catalogue

HEADERS = {
    "HubSpot deals export": "Record ID|Deal Name|Deal Stage|Close Date|Deal owner|Amount|Pipeline|Create Date",
    "Salesforce leads export": "Id|Status|LeadSource|CreatedDate|IsConverted|ConvertedDate|ConvertedAccountId|Company",
    "Salesforce opportunities export": "Id|StageName|CloseDate|CreatedDate|IsClosed|IsWon|ForecastCategory|OwnerId",
    "Pipedrive deals export": "Deal - ID|Deal - Status|Deal - Value|Deal - Deal created|Deal - Won time",
    "Zoho CRM leads export": "Record Id|Lead Owner|Lead Status|Created Time|Email Opt Out|Skype ID",
    "Odoo CRM pipeline export": "id|create_date|stage_id|expected_revenue|probability|user_id|source_id|medium_id",
    "Dynamics 365 opportunities export": "(Do Not Modify) Opportunity|Topic|Status|Status Reason|Created On",
    "SuiteCRM or SugarCRM leads export": "id|date_entered|status|lead_source|refered_by|date_modified",
    "Bitrix24 deals export": "ID|Стадия сделки|Сумма|Дата создания|Сделка закрыта|Валюта",
    "Insightly leads export": "LEAD_ID|FIRST_NAME|LEAD_STATUS|DATE_CREATED_UTC|CONVERTED|CONVERTED_DATE_UTC|INDUSTRY",
    "amoCRM or Kommo leads export": "ID|Бюджет|Дата создания сделки|Этап сделки|Дата редактирования|Воронка",
}


@pytest.mark.parametrize("looks_like", HEADERS)
def test_an_export_is_recognised_by_its_headers(looks_like: str) -> None:
    export = catalogue().recognise(HEADERS[looks_like].split("|"))
    assert export is not None
    assert f"{export.crm} {export.about}" == looks_like


@pytest.mark.parametrize(
    "headers",
    [
        "id|created_at|source|status|value",
        "Lead ID|Email|Status|Created",
        "a|b|c|d",
        "Lead ID|Status|Lead Source|Created|Company|Email|Phone|Owner|Last Modified",
        "id|name|stage|source|amount|created|closed|owner|probability",
        "Record Id|Lead Source|Category|Date Created|Probability|Owner|Campaign|Organization Name",
        "Lead ID|Lead Name|Lead Status|Lead Source|Lead Owner|Annual Revenue|Industry|Rating|Country|City|Created Time",
    ],
)
def test_headers_that_any_table_has_are_no_crms(headers: str) -> None:
    assert catalogue().recognise(headers.split("|")) is None


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ("Lead-Nr.|Erstellt am|Herkunft|Status", "German"),
        ("N° prospect|Date de creation|Origine|Statut", "French"),
        ("Folio|Fecha de creación|Origen|Estatus", "Spanish"),
        ("Номер заявки|Дата создания|Источник", "Russian"),
        ("Leadnummer|Aangemaakt op|Bron|Waarde", "Dutch"),
    ],
)
def test_the_language_of_the_headers_is_heard_with_accents_or_without(headers: str, language: str) -> None:
    assert language in {spoken.export.crm for spoken in Lexicon.of(headers.split("|")).languages}
    assert Lexicon.of(headers.split("|")).place("created_at", headers.split("|")[1]) is not None


def test_every_file_of_the_catalogue_is_read() -> None:
    read = {export.crm for export in catalogue().exports} | {spoken.export.crm for spoken in catalogue().languages}
    assert len(read) == len(list(FOLDER.glob("*.toml")))


def test_a_header_that_a_crm_fills_in_later_is_known_later_where_no_crm_is_recognised() -> None:
    columns = ["Lead", "Created", "Stage", "Sales Duration", "Age", "Country"]
    lexicon = Lexicon.of(columns)
    assert lexicon.export is None
    assert "Vtiger" in (lexicon.why_later("Sales Duration") or "")
    assert [lexicon.why_later(column) for column in ("Age", "Country")] == [None, None]


def test_headers_that_any_table_may_have_make_no_export() -> None:
    headers = ["lead_id", "created_at", "source", "employees", "price", "status", "closed_at"]
    assert catalogue().recognise(headers) is None

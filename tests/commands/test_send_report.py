"""`leads report --send`: by mail and to a channel, from cron."""

import json
from pathlib import Path

import pytest

from analytics.report import Report
from commands.send_report import send_report
from connectors.messages.errors import NotSent
from serving.pages.report.agreed import AgreedItem, AgreedView
from serving.pages.report.routes import render_file
from serving.settings import SettingsRefused, read_settings
from tests.commands.conftest import Leads
from tests.connectors.messages.smtp_server import Mailbox, mail_server
from tests.ports import free_port
from tests.serving.reports import made_report
from tests.serving.webhooks.receiver import receiving

AGREED = AgreedView(
    (AgreedItem("ag_1", "Call <them> sooner", "Ben", "", "26 Oct 2026", "done", is_open=False),), (), None
)


@pytest.fixture(scope="module")
def report() -> Report:
    return made_report()


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_REPORT_TO", "mia@example.com, sam@example.com")
    monkeypatch.setenv("LEADS_REPORT_FROM", "leads@example.com")
    monkeypatch.setenv("LEADS_REPORT_LINK", "https://leads.example.com/report")


@pytest.mark.usefixtures("mail")
def test_it_goes_by_mail_and_to_the_channel(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    with mail_server(Mailbox()) as box, receiving() as inbox:
        settings = read_settings(smtp_url=f"smtp://127.0.0.1:{box.port}", report_webhook=inbox.url)
        send_report(report, AGREED, render_file, settings, dry_run=False)
    assert capsys.readouterr().out == "Sent to 2 by mail.\nSent to the channel.\n"
    (sent,) = box.mails
    assert sent["subject"] == "Weekly report: Conversion fell from 11.2\u00a0% to 9.1\u00a0%"
    text = sent.get_body().get_content()
    assert "• Leads from ads lowered conversion" in text
    assert "Agreed on 26 Oct 2026, done: Ben: Call <them> sooner" in text
    assert text.rstrip().endswith("https://leads.example.com/report")
    (page,) = sent.iter_attachments()
    assert page.get_filename() == "report-2026-11-02.html"
    assert "Call &lt;them&gt; sooner" in page.get_content()
    posted = json.loads(inbox.posts[0].body)["text"]
    assert posted.startswith("*Weekly report: Conversion fell")
    assert "Ben: Call &lt;them&gt; sooner" in posted
    assert posted.endswith("<https://leads.example.com/report|The whole report>")


@pytest.mark.usefixtures("mail")
def test_where_one_way_fails_the_other_is_tried_and_the_command_says_what_failed(report: Report) -> None:
    with receiving() as inbox:
        settings = read_settings(smtp_url=f"smtp://127.0.0.1:{free_port()}", report_webhook=inbox.url)
        with pytest.raises(NotSent, match=r"the mail server 127\.0\.0\.1:.* cannot be reached"):
            send_report(report, AGREED, render_file, settings, dry_run=False)
        assert len(inbox.posts) == 1


@pytest.mark.parametrize(
    ("status", "said"), [(404, "answered 404"), (302, "answered 302"), (None, "cannot be reached")]
)
def test_the_webhooks_url_is_never_said(report: Report, status: int | None, said: str) -> None:
    with receiving() as inbox:
        inbox.statuses = [status or 200]
        url = inbox.url if status else f"http://127.0.0.1:{free_port()}/hook"
        with pytest.raises(NotSent, match=said) as told:
            send_report(report, AGREED, render_file, read_settings(report_webhook=url), dry_run=False)
    assert "/hook" not in str(told.value)


@pytest.mark.usefixtures("store")
def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as inbox:
        monkeypatch.setenv("LEADS_REPORT_WEBHOOK", inbox.url)
        shown = leads("report", "--as-of", "2026-10-01", "--send", "--dry-run")
        assert (shown.code, inbox.posts) == (0, [])
        assert shown.out.startswith("Would be sent to the channel.\n\nWeekly report: ")
        inbox.statuses = [500]
        failed = leads("report", "--as-of", "2026-10-01", "--send")
    assert (failed.code, failed.out) == (1, "")
    assert "the webhook at 127.0.0.1 answered 500" in failed.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "--send needs to know where"),
        ({"LEADS_REPORT_TO": "mia@example.com"}, "LEADS_REPORT_TO needs LEADS_SMTP_URL and LEADS_REPORT_FROM too"),
    ],
)
def test_settings_that_lack_something_are_named_before_the_report_is_made(
    given: dict[str, str], said: str, leads: Leads, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    ran = leads("report", "--send")
    assert ran.code == 1
    assert said in ran.err
    assert leads("report", "--dry-run").code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_url", "smtp://ann:hidden@mail"),
        ("report_to", "hidden"),
        ("report_webhook", "http://chat.example/hidden"),
        ("report_link", "javascript:hidden"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsRefused, match=f"^LEADS_{name.upper()}: expected ") as refused:
        read_settings(**{name: value})
    assert "hidden" not in str(refused.value)
    assert "hidden" not in repr(read_settings(report_webhook="https://chat.example/hidden"))

"""The weekly page's part about ad platforms: there where something was sent, absent where not."""

from dataclasses import replace

from analytics.report.sent import SentToPlatform
from serving.pages.report.routes import render_file
from tests.serving.reports import made_report


def test_what_platforms_were_told_is_on_the_page_with_what_it_came_to() -> None:
    report = made_report()
    sent = SentToPlatform("google-ads", 1_200, 1_150, 48_000.4, 310, 51_234.0, 61.25, 58)
    page = render_file(replace(report, sent=(sent,)))

    assert "part-sent" not in render_file(report)
    part = page[page.index("What the ad platforms were told") :]
    for text in ("google-ads", "1,200", "48,000", "310", "51,234", "61.2", "58"):
        assert f">{text}<" in part

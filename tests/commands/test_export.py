"""`leads export`, as a marketing person runs it: a dry run, a file, its confirmation, and what is refused."""

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from connectors.ads.config import AdsConfig, check_ads_config, example_text
from connectors.ads.platforms import PLATFORMS
from serving.migrations import prepare
from serving.store import Store
from tests.conftest import ROOT
from tests.serving.ad_leads import add_leads

ADS = """
value_today = 50.0
[margin]
value = 1000.0
[google-ads]
conversion = "Qualified lead"
[meta]
dataset = "777"
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A folder with a store of leads and an ads.toml."""
    monkeypatch.chdir(tmp_path)
    store = Store("sqlite:///leads.db")
    prepare(store.database)
    now = datetime.now(UTC)
    add_leads(store, 3, "Google", now - timedelta(days=1))
    add_leads(store, 1, "Old", now - timedelta(days=80))
    add_leads(store, 2, "Older", now - timedelta(days=100))
    store.database.close()
    (tmp_path / "ads.toml").write_text(ADS)
    return tmp_path


def test_a_dry_run_compares_campaigns_with_today_and_notes_nothing(shop, leads):
    first, again = (leads("export", "google-ads", "--dry-run") for _ in range(2))

    assert first.code == 0
    assert again.out == first.out
    assert [line.split() for line in first.out.splitlines() if line.startswith("Google  ")] == [
        ["Google", "brand", "3", "150.00", "600.00", "75.0", "%", "75.0", "%", "+0.0", "points"]
    ]
    assert "4 new conversions, 0 new values, 0 taken back" in first.out
    assert "left out: 2 older than the 90 days that the platform takes" in first.out
    assert sorted(path.name for path in shop.iterdir() if "google" in path.name) == []


def test_a_dry_run_may_write_the_file_to_look_at_it(shop, leads):
    leads("export", "google-ads", "look.csv", "--dry-run")

    assert (shop / "look.csv").read_text().count("\n") == 6
    assert json.loads(leads("export", "google-ads", "--dry-run", "--json").out)["said"]["new"] == 4


def test_a_file_is_written_once_and_never_over_one_that_may_not_be_uploaded(shop, leads):
    written = leads("export", "google-ads", "week.csv")
    assert written.out.startswith("week.csv: 4 rows")
    assert "leads export google-ads --confirm" in written.err

    refused = leads("export", "google-ads", "week.csv")
    assert (refused.code, "may not be uploaded yet" in refused.err) == (1, True)
    assert "0 new conversions" in leads("export", "google-ads", "next.csv").out
    assert not (shop / "next.csv").exists()
    assert leads("export", "google-ads", "lost.csv", "--again").out.startswith("lost.csv: 4 rows")
    assert leads("export", "google-ads", "--confirm").out == "4 confirmed\n"
    assert "0 new conversions" in leads("export", "google-ads", "lost2.csv", "--again").out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["nowhere"], 1, "there are google-ads, google-ads-enhanced"),
        (["microsoft"], 1, "ads.toml needs a table [microsoft]"),
        (["meta"], 1, "takes no file: use --send"),
        (["meta", "--send"], 1, "LEADS_META_TOKEN: --send to meta needs it"),
        (["google-ads", "--send"], 1, "takes a file, or pulls the feed"),
        (["google-ads", "x.csv", "--send"], 2, "leave OUT out"),
        (["google-ads", "--send", "--dry-run"], 2, "exclude each other"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(shop, leads, words, code, says):
    ran = leads("export", *words)

    assert ran.code == code
    assert says in " ".join(ran.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[meta]\ndataset = 'x'", "meta.dataset"),
        ("[google-ads]", "google-ads.conversion: is required"),
        ("[margins]", "margins: there is no such key"),
        ("[meta]\ndataset='1'\nendpoint='http://example.org'", "begins with https://"),
        ("[csv.columns]\nA='who'", "accepted are lead_id"),
        ("[yandex-metrica]\ncounter='1'", "goal is required"),
        ("value_today =", "is not valid TOML"),
    ],
)
def test_ads_toml_is_checked_key_by_key(shop, leads, text, says):
    (shop / "ads.toml").write_text(text)

    assert says in leads("export", "csv").err


def test_without_ads_toml_one_is_written_that_works_as_it_is_and_with_all_that_it_suggests(shop, leads):
    assert "is there already, and is kept" in leads("export", "csv", "--init").err
    (shop / "ads.toml").unlink()
    assert "`leads export csv --init` writes one" in leads("export", "csv").err
    assert leads("export", "csv", "--init").code == 0
    assert "4 new conversions" in leads("export", "csv", "--dry-run").out

    text = (shop / "ads.toml").read_text()
    whole = check_ads_config(tomllib.loads(re.sub(r"^# (?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)))
    assert all(getattr(whole, name) is not None for name in AdsConfig.model_fields)


@pytest.mark.parametrize("word", PLATFORMS)
def test_the_page_of_exports_tells_of_each_platform_and_has_the_file_that_init_writes(word):
    page = (ROOT / "docs" / "ads.md").read_text()

    assert f"| `{word}` |" in page
    assert example_text() in page

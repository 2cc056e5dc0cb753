"""Exports over a real store and real HTTP, with faults switched on one by one: nothing lost, nothing twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from google.auth.credentials import AnonymousCredentials

from analytics.ledger import find_disagreeing_sources
from connectors.ads.config import AdsRefused, check_ads_config
from connectors.ads.data_manager_api import DataManagerChannel
from connectors.ads.http_channel import Channel, HttpChannel
from connectors.ads.platform import Context
from connectors.ads.platforms import make_platform
from connectors.ads.sending import Pace, SendStopped
from serving.operations.export_conversions import Asked, Exporter
from serving.store import conversions, leads, outcomes
from serving.store.leads import LeadFacts
from serving.store.outcomes import OutcomeReport
from serving.store.tables import conversions as rows
from serving.store.tables import exports
from tests.connectors.ads import fake_platform
from tests.connectors.ads.fake_platform import FakePlatform
from tests.connectors.ads.leads import ADS, FIELDS, NOW
from tests.serving.ad_leads import add_leads, score_of
from tests.serving.databases import new_store

LEADS = 7
ASKED = Asked()


class Shop:
    """A store with leads, a clock, and exports to a platform on this machine."""

    def __init__(self, store, fake: FakePlatform) -> None:
        self.store, self.fake, self.now = store, fake, NOW
        self.waits: list[float] = []
        self.exporter = Exporter(store, "EUR", lambda: self.now)
        self.pace = Pace((1.0, 1.0), self.waits.append)

    def platform(self, name: str, **changed):
        sections = {
            key: {**section, "endpoint": self.fake.url}
            if key not in ("margin", "google-ads", "microsoft", "csv")
            else section
            for key, section in ADS.items()
        }
        config = check_ads_config({**sections, **changed})
        return make_platform(name, Context(config, "EUR", dict.fromkeys(("meta", "yandex", "linkedin", "tiktok"), "T")))

    def send(self, name: str, asked: Asked = ASKED, most: int = 3):
        made = self.platform(name)
        is_google = name == "google-data-manager"
        channel: Channel = (
            DataManagerChannel(made, AnonymousCredentials()) if is_google else HttpChannel(made, timeout=0.3)
        )
        channel.most = most
        return self.exporter.send(made, asked, channel, self.pace)

    def write(self, name: str, asked: Asked = ASKED):
        texts: dict[str, str] = {}
        proposal, _ = self.exporter.write(self.platform(name), asked, texts.update)
        return proposal, texts

    def states(self) -> dict[str, str]:
        with self.store.database.reading() as connection:
            return {f"{row.lead_id}.{row.stage}.{row.number}": row.state for row in connection.execute(rows.select())}

    def say(self, lead_id: str, status: str, value: float | None = None) -> None:
        said = OutcomeReport(lead_id, status, self.now, value, None, self.now)
        self.store.write_now(outcomes.report, said, self.now)


@pytest.fixture
def fake():
    with fake_platform.running() as fake:
        yield fake


@pytest.fixture
def any_shop(store, fake) -> Shop:
    """Once on each kind of database."""
    add_leads(store, LEADS)
    return Shop(store, fake)


@pytest.fixture
def shop(tmp_path, fake) -> Iterator[Shop]:
    """On SQLite alone, where the database has no part in what is tested."""
    with new_store(f"sqlite:///{tmp_path}/leads.db") as store:
        add_leads(store, LEADS)
        yield Shop(store, fake)


@pytest.mark.parametrize("name", ["meta", "tiktok", "linkedin", "yandex-metrica"])
@pytest.mark.parametrize("fault", ["429 1", "500", "late", "half"])
def test_a_fault_in_the_middle_loses_nothing_and_says_nothing_twice(shop, fake, name, fault):
    fake.faults = ["", fault]
    _, states = shop.send(name)

    assert states == {"confirmed": LEADS}
    assert len(fake.taken) == LEADS
    assert set(fake.taken.values()) == {100.0}
    assert shop.send(name)[1] == {}
    assert sum(fake.times_taken.values()) == LEADS + (3 if fault in ("late", "half") else 0)
    assert shop.waits == [1.0]


def test_a_platform_that_is_away_stops_the_export_which_goes_on_later_with_the_same_words(any_shop, fake):
    fake.faults = ["", "500", "500", "500"]
    with pytest.raises(SendStopped, match=r"HTTP 500\); run it again later"):
        any_shop.send("meta")
    assert len(fake.taken) == 3
    assert sorted(any_shop.states().values()) == ["confirmed"] * 3 + ["pending"] * 4

    any_shop.now += timedelta(hours=1)
    assert any_shop.send("meta")[1] == {"confirmed": 4}
    assert set(fake.times_taken.values()) == {1}


def test_a_platform_that_asks_for_hours_is_not_waited_for(shop, fake):
    fake.faults = ["429 7200"]
    with pytest.raises(SendStopped, match="run it again in 7200 s"):
        shop.send("meta")
    assert shop.waits == []


@pytest.mark.parametrize("name", ["meta", "tiktok", "linkedin"])
def test_one_bad_event_is_found_told_and_the_others_are_taken(shop, fake, name):
    stage = "" if name == "linkedin" else ".lead"
    fake.bad = {f"Google-4{stage}"}
    _, states = shop.send(name, most=100)

    assert states == {"confirmed": LEADS - 1, "refused": 1}
    assert set(fake.times_taken.values()) == {1}
    assert shop.send(name)[1] == {}
    fake.bad = set()
    assert shop.send(name, Asked(again="unconfirmed"))[1] == {"confirmed": 1}


def test_a_token_that_is_refused_or_ids_that_are_wrong_stop_everything_and_keep_it(shop, fake):
    fake.faults = ["401"]
    with pytest.raises(SendStopped, match="refuses the token"):
        shop.send("meta")
    fake.bad = {f"Google-{i}.lead" for i in range(LEADS)}
    with pytest.raises(SendStopped, match="refuses whatever it is sent"):
        shop.send("meta", most=1)
    assert "pending" in shop.states().values()
    assert not fake.taken


def test_data_manager_is_tried_first_and_restated_only_once_google_confirmed_it(shop, fake):
    fake.faults = ["", "", "503", "429 1"]
    assert shop.send("google-data-manager")[1] == {"sent": LEADS}
    assert [b'"validateOnly": true' in body.replace(b'":true', b'": true') for _, _, body in fake.requests][:2] == [
        True,
        False,
    ]
    shop.say("Google-1", "won", 3000.0)
    shop.say("Google-2", "lost")

    fake.status = "PROCESSING"
    proposal, _ = shop.send("google-data-manager")
    assert (len(proposal.plan.statements), sum(proposal.plan.left_out.values())) == (0, 2)
    fake.status = "SUCCESS"
    shop.now += timedelta(hours=1)
    assert shop.send("google-data-manager")[1] == {"sent": 2}
    assert (fake.taken["Google-1"], fake.taken["Google-2"], fake.taken["Google-3"]) == (1500.0, 0.0, 100.0)
    assert shop.send("google-data-manager")[1] == {}


def test_an_event_that_google_refuses_when_tried_is_found_and_nothing_of_it_is_sent(shop, fake):
    fake.bad = {"Google-4"}

    assert shop.send("google-data-manager", most=100)[1] == {"sent": LEADS - 1, "refused": 1}
    assert "Google-4" not in fake.taken


def test_a_file_is_written_once_confirmed_and_then_changed(any_shop):
    proposal, texts = any_shop.write("google-ads-enhanced")
    assert texts[""].count("\n") == LEADS + 2
    assert any_shop.write("google-ads-enhanced")[1] == {}
    any_shop.say("Google-1", "lost")
    assert any_shop.write("google-ads-adjustments")[1] == {}

    assert any_shop.exporter.confirm(any_shop.platform("google-ads-enhanced")) == LEADS
    any_shop.now += timedelta(minutes=1)
    assert ",RETRACT," in any_shop.write("google-ads-adjustments")[1][""]
    assert any_shop.write("google-ads-adjustments")[1] == {}
    assert proposal.plan.statements[0].value == 100.0


def test_an_export_that_is_cut_off_before_its_file_is_there_writes_it_word_for_word_later(any_shop):
    def cut_off(texts) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        any_shop.exporter.write(any_shop.platform("microsoft"), ASKED, cut_off)
    with pytest.raises(AdsRefused, match="under way since 12:00 UTC"):
        any_shop.write("microsoft")
    any_shop.now += conversions.LEASE + timedelta(seconds=1)
    _, texts = any_shop.write("microsoft")

    assert texts[""].count("Offline Conversion,") == LEADS
    assert set(any_shop.states().values()) == {"written"}


def test_files_of_one_account_share_what_was_said(shop):
    shop.write("google-ads")

    assert shop.write("google-ads-enhanced")[1] == {}


def test_days_of_arrival_choose_leads(shop):
    add_leads(shop.store, 2, "Fair", NOW - timedelta(days=5))
    day = (NOW - timedelta(days=5)).date()

    assert len(shop.write("csv", Asked(first=day, last=day))[0].plan.statements) == 2
    assert len(shop.write("csv", Asked(first=day + timedelta(days=1)))[0].plan.statements) == LEADS


def test_a_dry_run_stores_nothing(shop):
    assert len(shop.exporter.propose(shop.platform("google-ads"), ASKED).plan.statements) == LEADS
    assert shop.states() == {}


def test_a_source_whose_wins_disagree_with_its_scores_is_held_back_with_the_ledger_s_figures(any_shop):
    matured = NOW - timedelta(days=60)
    for source, wins in (("Google2", 8), ("Fair", 36)):
        for place, lead_id in enumerate(add_leads(any_shop.store, 40, source, matured)):
            said = OutcomeReport(
                lead_id, "won" if place < wins else "lost", matured + timedelta(days=3), None, None, matured
            )
            any_shop.store.write_now(outcomes.report, said, NOW)
    fresh = LeadFacts("fresh", NOW - timedelta(hours=5), "Fair", None, None, FIELDS)
    any_shop.store.write_now(leads.insert, [(fresh, NOW)])
    any_shop.store.write_now(leads.insert_scores, [(fresh, score_of(fresh))])

    proposal = any_shop.exporter.propose(any_shop.platform("google-ads"), Asked(first=NOW.date() - timedelta(days=1)))
    (held,) = proposal.held
    assert (held.name, held.n, held.delivered) == (("Fair",), 40, 36)
    assert held.promised == pytest.approx(8.0)
    assert "fresh" not in [one.event_id for one in proposal.plan.statements]
    assert proposal.plan.left_out["of a source that is held back"] == 1
    with any_shop.store.database.reading() as connection:
        frame = conversions.read_cohort_frame(connection, NOW)
    assert find_disagreeing_sources(frame) == proposal.held

    forced, _ = any_shop.write("google-ads", Asked(first=NOW.date() - timedelta(days=1), force=True))
    assert "fresh" in [one.event_id for one in forced.plan.statements]
    with any_shop.store.database.reading() as connection:
        (run,) = connection.execute(exports.select()).all()
    assert run.forced
    assert run.held[0]["source"] == "Fair"


def test_of_a_lead_that_was_erased_the_value_stays_without_the_lead_and_nothing_more_is_said(any_shop):
    any_shop.write("google-data-manager")
    any_shop.store.write_now(leads.erase, "Google-1", NOW)

    with any_shop.store.database.reading() as connection:
        told = connection.execute(rows.select()).all()
    assert sorted(row.lead_id or "" for row in told)[:2] == ["", "Google-0"]
    assert sum(row.value for row in told) == LEADS * 100.0
    assert any_shop.write("google-data-manager")[1] == {}


def test_the_store_keeps_no_click_id_address_or_number(shop):
    shop.write("google-ads-enhanced")

    with shop.store.database.reading() as connection:
        kept = repr(connection.execute(rows.select()).all()) + repr(connection.execute(exports.select()).all())
    for secret in ("Cj0KC", "Ann", "1234567", "a3fff417"):
        assert secret not in kept


def test_the_weekly_report_sums_up_what_was_told_and_what_it_came_to(any_shop):
    any_shop.write("google-data-manager")
    any_shop.exporter.confirm(any_shop.platform("google-data-manager"))
    any_shop.say("Google-1", "won", 3000.0)
    any_shop.say("Google-2", "lost")
    any_shop.now += timedelta(hours=1)
    any_shop.write("google-data-manager")
    any_shop.store.write_now(leads.erase, "Google-3", NOW)

    (row,) = any_shop.store.read_now(conversions.read_sent, NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert (row.platform, row.conversions, row.changes, row.won) == ("google-data-manager", LEADS, 2, 1)
    assert (row.value, row.value_now) == (LEADS * 100.0, 1500.0 + (LEADS - 2) * 100.0)
    assert row.promised == pytest.approx(0.2 * (LEADS - 1))
    assert any_shop.store.read_now(conversions.read_sent, NOW - timedelta(days=1), NOW) == ()

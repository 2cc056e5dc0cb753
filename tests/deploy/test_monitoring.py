"""Alarms and dashboard ask for what the service tells; a real Prometheus answers each of their questions."""

import json
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.conftest import ROOT
from tests.ports import free_port
from tests.running import exit_code
from tests.serving.live import live

MONITORING = ROOT / "deploy"
RULES = MONITORING / "prometheus" / "rules.yaml"
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "grafana" / "leads.json").read_text("utf-8"))
TOLD = set(re.findall(r"^\| `(leads_\w+)` \|", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE))
PARTS = ("_bucket", "_sum", "_count")
"""What a histogram has beside its name."""

alarms = {
    rule["alert"]: rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]
}
asked = {panel["title"]: [target["expr"] for target in panel["targets"]] for panel in DASHBOARD["panels"]}
questions = [rule["expr"] for rule in alarms.values()] + [question for panel in asked.values() for question in panel]

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


def name_of(metric: str) -> str:
    """A metric's name as the page of operations has it."""
    ending = next((part for part in PARTS if metric.endswith(part)), "")
    return metric if metric in TOLD else metric.removesuffix(ending)


@pytest.mark.parametrize("question", questions)
def test_every_question_is_about_metrics_that_are_told(question: str) -> None:
    assert {name_of(metric) for metric in re.findall(r"\bleads_\w+", question)} <= TOLD


def test_every_metric_is_on_the_dashboard_or_an_alarm_or_counts_processes() -> None:
    seen = {name_of(metric) for question in questions for metric in re.findall(r"\bleads_\w+", question)}

    assert TOLD - seen == {"leads_store_trouble", "leads_workers"}


def test_each_alarm_says_what_is_wrong_and_where_to_read_on() -> None:
    for name, rule in alarms.items():
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, name
        assert rule["annotations"]["summary"], name
        assert rule["labels"]["severity"] in {"page", "ticket"}, name


@needs_promtool
def test_the_alarms_come_when_they_should() -> None:
    for words in (["check", "rules", "rules.yaml"], ["test", "rules", "rules_test.yaml"]):
        ran = subprocess.run(["promtool", *words], cwd=RULES.parent, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


@contextmanager
def prometheus(target: str, key: str, folder: Path) -> Iterator[str]:
    """A Prometheus that scrapes a service each second; its URL."""
    config = yaml.safe_load((MONITORING / "prometheus" / "prometheus.yaml").read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(RULES)]
    (folder / "key").write_text(key)
    config["scrape_configs"][0]["authorization"]["credentials_file"] = str(folder / "key")
    config["scrape_configs"][0]["static_configs"] = [{"targets": [target]}]
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    url = f"127.0.0.1:{free_port()}"
    words = ["--config.file=prometheus.yaml", f"--web.listen-address={url}", "--storage.tsdb.path=data"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(["prometheus", *words], cwd=folder, stderr=log, stdout=log)
    try:
        yield f"http://{url}"
    finally:
        process.terminate()
        process.wait()


def answer_to(prometheus: str, question: str) -> list[Any]:
    """The series that Prometheus answers with, once it has two scrapes."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            answer = httpx2.get(f"{prometheus}/api/v1/query", params={"query": question})
            assert answer.status_code in (200, 503), answer.text  # the second while it starts
            if answer.status_code == 200 and answer.json()["data"]["result"]:
                return answer.json()["data"]["result"]
        except httpx2.TransportError:
            pass
        time.sleep(0.5)
    return []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is not installed")
def test_a_real_prometheus_answers_each_question_of_the_dashboard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path}/leads.db"
    with live(database, tmp_path / "log", webhook_url="http://127.0.0.1:9/", webhook_secrets=SECRET) as service:
        _work_with(service.url)
        _score_on_arrival(tmp_path / "leads.db")
        monkeypatch.setenv("LEADS_DATABASE_URL", database)
        assert exit_code(["keys", "create", "--scope", "report", "--name", "prometheus"]) == 0
        key = capsys.readouterr().out.strip()
        with prometheus(service.url.removeprefix("http://"), key, tmp_path) as url:
            assert answer_to(url, 'up{job="leads"} == 1')
            for question in [question for panel in asked.values() for question in panel]:
                shown = question.replace("$job", ".+").replace("[5m]", "[10s]").replace("[1h]", "[10s]")
                for _ in range(3):
                    httpx2.get(f"{service.url}/healthz")
                assert answer_to(url, shown), question
            loaded = httpx2.get(f"{url}/api/v1/rules").json()["data"]["groups"][0]["rules"]
            assert {rule["name"]: rule["health"] for rule in loaded} == dict.fromkeys(alarms, "ok")


SECRET = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"


def _work_with(service: str) -> None:
    """Leads that are old enough to count, with calls and outcomes, and new ones."""
    now = datetime.now(UTC)
    for number in range(30):
        arrived = now - timedelta(days=130) + timedelta(hours=12 * number)
        lead = {"created_at": arrived.isoformat(), "source": "ads", "fields": {"age": 30 + number}}
        assert httpx2.put(f"{service}/v1/leads/L-{number}", json=lead).status_code == 201
        call = {"started_at": (arrived + timedelta(hours=1)).isoformat(), "connected": True}
        httpx2.post(f"{service}/v1/leads/L-{number}/contacts", json=call)
        if number % 5 == 4:
            won = {"status": "won", "at": (arrived + timedelta(days=5)).isoformat()}
            assert httpx2.put(f"{service}/v1/leads/L-{number}/outcome", json=won).status_code == 200


def _score_on_arrival(database: Path) -> None:
    """As if the leads had been sent, and scored, on the day of their arrival."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE leads SET received_at = created_at")
        connection.execute(
            "UPDATE scores SET scored_at = (SELECT created_at FROM leads WHERE lead_id = scores.lead_id)"
        )

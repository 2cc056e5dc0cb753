"""What is deployed is sound: images, the compose file, units and the chart's values, as far as no engine is needed."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import SecretStr

from commands import __version__
from serving.settings import Settings
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
PINS = re.compile(r"^([\w.-]+(?:\[\w+\])?==\S+)", re.MULTILINE)
SYSTEMD = shutil.which("systemd-analyze")


def test_the_image_is_built_as_hadolint_advises() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (0, "")


def test_the_image_has_the_pinned_packages_and_no_user_but_its_own() -> None:
    pinned = set(PINS.findall((ROOT / "constraints.txt").read_text("utf-8")))
    brought = set(PINS.findall((DEPLOY / "requirements.txt").read_text("utf-8")))

    assert brought < pinned
    asked = [*PROJECT["project"]["dependencies"], *EXTRAS["postgres"], *EXTRAS["ads"]]
    assert {re.match(r"[\w.-]+", one)[0] for one in asked} <= {re.match(r"[\w.-]+", pin)[0] for pin in brought}
    assert re.search(r"hatchling==\S+", DOCKERFILE)[0] in pinned
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_the_image_gets_every_package_of_the_wheel_and_nothing_else() -> None:
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    kept = set(re.findall(r"^!([\w./]+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))

    assert kept == {*packages, "deploy/requirements.txt", "LICENSE", "README.md", "pyproject.toml"}


def test_the_compose_file_and_the_chart_run_this_version() -> None:
    chart = yaml.safe_load((DEPLOY / "chart" / "Chart.yaml").read_text("utf-8"))
    values = yaml.safe_load((DEPLOY / "chart" / "values.yaml").read_text("utf-8"))

    assert COMPOSE["services"]["leads"]["image"] == f"leads:{__version__}"
    assert (chart["appVersion"], values["image"]["tag"]) == (__version__, __version__)


def test_what_the_compose_file_mounts_is_there_and_named() -> None:
    for config in COMPOSE["configs"].values():
        assert "content" in config or (ROOT / config["file"]).is_file()
    for name, service in COMPOSE["services"].items():
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(COMPOSE["volumes"]), name
        assert {config["source"] for config in service.get("configs", [])} <= set(COMPOSE["configs"]), name
        assert set(service.get("depends_on", [])) <= set(COMPOSE["services"]), name


def test_nothing_of_the_compose_file_listens_beyond_this_machine_and_ours_write_to_their_volumes_alone() -> None:
    for name, service in COMPOSE["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        if service["image"].startswith("leads:"):
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name


def test_compose_and_chart_set_nothing_that_the_service_does_not_know() -> None:
    known = {f"LEADS_{name.upper()}" for name in Settings.model_fields}
    places = [ROOT / "compose.yaml", ROOT / "Dockerfile", *DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.tpl")]
    for place in places:
        assert set(re.findall(r"\bLEADS_[A-Z_]*[A-Z]\b", place.read_text("utf-8"))) <= known, place


def test_the_chart_takes_each_setting_but_secrets_and_its_own() -> None:
    schema = json.loads((DEPLOY / "chart" / "values.schema.json").read_text("utf-8"))
    taken = set(schema["properties"]["settings"]["properties"])
    known = {f"LEADS_{name.upper()}" for name in Settings.model_fields}

    own = {f"LEADS_{name}" for name in ("DATABASE_URL", "HOST", "PORT", "OPEN", "CHAMPION_FILE", "WORKERS")}
    secrets = {
        f"LEADS_{name.upper()}" for name, field in Settings.model_fields.items() if field.annotation is SecretStr
    }
    assert known - taken == own | secrets
    assert taken < known


def test_the_chart_s_own_values_pass_its_schema_and_a_mistyped_one_does_not() -> None:
    schema = json.loads((DEPLOY / "chart" / "values.schema.json").read_text("utf-8"))
    values = yaml.safe_load((DEPLOY / "chart" / "values.yaml").read_text("utf-8"))

    jsonschema.validate(values, schema)
    with pytest.raises(jsonschema.ValidationError, match="LEADS_PORTS"):
        jsonschema.validate(values | {"settings": {"LEADS_PORTS": "1"}}, schema)


@pytest.mark.skipif(SYSTEMD is None, reason="systemd is not installed")
def test_the_units_can_be_read(tmp_path: Path) -> None:
    units = []
    for unit in (DEPLOY / "systemd").iterdir():
        units.append(tmp_path / unit.name)
        units[-1].write_text(unit.read_text("utf-8").replace("/opt/leads/bin/leads", sys.executable))
    ran = subprocess.run([SYSTEMD, "verify", *units], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")

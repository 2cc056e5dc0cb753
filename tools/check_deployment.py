"""`make deployment`: the chart rendered by Helm's own engine; it and the compose file held against their schemas.

Run in `.venv-tools`, which has Helm as a library; so this imports nothing of the product.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import compose_spec
import kubernetes_validate
import yaml
from helm_python import Chart
from helm_python.chart import lint
from helm_python.errors import HelmError

ROOT = Path(__file__).resolve().parents[1]
CHART = ROOT / "deploy" / "chart"
RENDERED = ROOT / "site" / "chart"
"""Where the objects are left for checkov."""
KUBERNETES = ("1.29", "1.33")
OF_OTHERS = {"ServiceMonitor"}
"""Kinds whose schema Kubernetes does not bring."""

Values = Mapping[str, Any]

EVERYTHING: Values = {
    "autoscaling": {"enabled": True},
    "image": {"pullSecrets": ["registry"]},
    "ingress": {"enabled": True, "className": "nginx", "annotations": {"cert-manager.io/issuer": "ours"}},
    "monitoring": {"enabled": True},
    "nodeSelector": {"disk": "fast"},
    "retraining": {"enabled": True},
    "secretSettings": ["leads-tokens"],
    "tolerations": [{"key": "sales", "operator": "Exists"}],
}
REFUSED: tuple[Values, ...] = (
    {"autoscaling": {"enabled": True, "minReplicas": 9}},
    {"database": {"secretName": ""}},
    {"databse": {}},
    {"image": {"tag": "latest"}},
    {"mlflow": {"trackingUri": "sqlite:///mlflow.db"}},
    {"replicas": 0},
    {"resources": {"limits": None}},
    {"settings": {"LEADS_OPEN": "true"}},
    {"settings": {"LEADS_WEBHOOK_SECRETS": "whsec_"}},
    {"settings": {"LEADS_WEBHOOK_URL": "http://crm.example"}},
    {"settings": {"LEADS_WORKING_HOUR": "always"}},
)


def main() -> None:
    """Print what was checked; exit 1 at the first fault."""
    errors = lint(str(CHART))["errors"]
    if errors:
        sys.exit(f"helm lint: {errors}")
    with Chart.load(str(CHART)) as chart:
        RENDERED.mkdir(parents=True, exist_ok=True)
        for name, values in (("plain", {}), ("everything", EVERYTHING)):
            things = list(render(chart, values))
            (RENDERED / f"{name}.yaml").write_text(yaml.safe_dump_all(things), "utf-8")
            print(f"rendered and valid: {', '.join(sorted(map(check, things)))}")
        for values in REFUSED:
            print(f"refused: {refusal_of(chart, values)}")
    merged = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    composed = compose_spec.PyCompose.from_json(json.dumps(merged))
    composed.validate()
    composed.to_spec()
    print(f"compose.yaml: {', '.join(sorted(composed.service_names()))}")


def render(chart: Chart, values: Values) -> Iterator[dict[str, Any]]:
    """Every object that the chart makes of these values."""
    for name, text in chart.render(values=dict(values), name="test", namespace="sales").items():
        if not name.endswith(".txt"):
            yield from filter(None, yaml.safe_load_all(text))


def check(thing: dict[str, Any]) -> str:
    """The kind of a valid object."""
    kind = str(thing["kind"])
    for version in KUBERNETES:
        if kind not in OF_OTHERS:
            kubernetes_validate.validate(thing, version, strict=True)
    return kind


def refusal_of(chart: Chart, values: Values) -> str:
    """What is said of values that must be refused."""
    try:
        chart.render(values=dict(values), name="test", namespace="sales")
    except HelmError as refused:
        return str(refused).strip().splitlines()[-1]
    sys.exit(f"taken, and should be refused: {values}")


if __name__ == "__main__":
    main()

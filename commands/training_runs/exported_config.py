"""The scoring.toml of an export: the company's own, comments and all, with the tables that were written."""

from collections.abc import Collection
from pathlib import Path

import tomlkit

from features.config import ScoringConfig, check_config
from serving.store.history.exporting import ROLES, Spelling

NAME = "scoring.toml"
SECTIONS = ("leads", "outcome", "contacts", "arrivals", "propensity")
OUTCOME = {"table": "outcomes.csv", "id": "lead_id", "column": "status", "won": ["won"], "lost": ["lost"], "at": "at"}


def choose_spelling(config: ScoringConfig) -> Spelling:
    """The company's names for the columns of leads.csv that play a role, and its decimal marks."""
    leads = config.leads
    named = {"lead_id": leads.id} | {role: getattr(leads, role) for role in ROLES}
    columns = {role: column for role, column in named.items() if column}
    for role in named.keys() - columns.keys():
        columns[role] = f"{role}_" if role in columns.values() else role
    decimals = {name: field.decimal for name, field in config.fields.items() if field.decimal}
    return Spelling(columns, leads.decimal, decimals)


def adapt_config(config: ScoringConfig, filled: Collection[str]) -> str:
    """The company's scoring.toml with its tables set to those of the export; `filled` are those with rows."""
    document = tomlkit.parse(config.path.read_text(encoding="utf-8-sig"))
    document["leads"].update({"table": "leads.csv", "id": choose_spelling(config).columns["lead_id"]})
    document["leads"].pop("query", None)
    document["outcome"] = _section(OUTCOME | {"horizon_days": config.outcome.horizon_days})
    document.pop("contacts", None)
    if "contacts" in filled:
        document["contacts"] = _section({"table": "contacts.csv"})
    document.pop("arrivals", None)
    if "arrivals" in filled:
        arrivals: dict[str, object] = {"table": "arrivals.csv"}
        accepted = list(config.arrivals.accept) if config.arrivals else []
        document["arrivals"] = _section(arrivals | ({"accept": accepted} if accepted else {}))
    if document.pop("propensity", None) is not None and {"scores", "contacts"} <= set(filled):
        document["propensity"] = _section({"table": "scores.csv"})
    return tomlkit.dumps(document)


def read_from_export(config: ScoringConfig, folder: Path, filled: Collection[str]) -> ScoringConfig:
    """The company's configuration, reading the tables of an export in a folder."""
    content = tomlkit.parse(adapt_config(config, filled)).unwrap()
    return check_config(content, config.path).model_copy(update={"exported": folder})


def find_missing_sections(kept: ScoringConfig, wanted: str) -> str | None:
    """The sections that a scoring.toml must have to read the export, as TOML; None where it has them."""
    document = tomlkit.parse(wanted)
    needed = check_config(document.unwrap(), kept.path)
    differing = [name for name in SECTIONS if getattr(kept, name) != getattr(needed, name)]
    shown = tomlkit.document()
    for name in differing:
        if name in document:
            shown[name] = document[name]
    return tomlkit.dumps(shown).strip() if differing else None


def describe_next_step(outdir: Path, filled: Collection[str]) -> str:
    """What to run where no scoring.toml is known yet."""
    options = (f" --{name} {outdir}/{name}.csv" for name in ("outcomes", "contacts", "arrivals") if name in filled)
    return f"Next: leads init {outdir}/leads.csv{''.join(options)} --out {outdir}/{NAME}"


def _section(values: dict[str, object]) -> tomlkit.items.Table:
    section = tomlkit.table()
    section.update(values)
    section.add(tomlkit.nl())
    return section

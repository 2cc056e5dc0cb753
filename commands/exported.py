"""scoring.toml over an export: which of its lines must say what `leads export-history` writes."""

from pathlib import Path

from features.config import ConfigRefused, ScoringConfig


def over_export(config: ScoringConfig, folder: Path) -> ScoringConfig:
    """The same configuration, reading the tables of a folder that `export_tables` writes.

    Raises:
        ConfigRefused: with every key that names a table or column otherwise than the export does.
    """
    wrong = [
        f"  {key} is {value!r}; the export has {accepted[0]!r}"
        for key, value, accepted in _written(config)
        if value not in accepted
    ]
    if wrong:
        told = "\n".join(wrong)
        raise ConfigRefused(
            f"{config.path} does not read what the store exports:\n{told}\n`leads export-history history`, then `leads "
            "init history/leads.csv --outcomes history/outcomes.csv`, write one that does; --no-export trains on the "
            "tables that scoring.toml names, as they are"
        )
    return config.model_copy(update={"exported": folder})


def _written(config: ScoringConfig) -> list[tuple[str, object, tuple[object, ...]]]:
    """Key, what it says, and what it may say, the usual first."""
    leads, outcome, contacts = config.leads, config.outcome, config.contacts
    keys: list[tuple[str, object, tuple[object, ...]]] = [
        ("leads.table", Path(leads.table).name, ("leads.csv",)),
        ("leads.id", leads.id, ("lead_id",)),
        ("leads.created_at", leads.created_at, ("created_at", None)),
        ("leads.source", leads.source, ("source", None)),
        ("leads.campaign", leads.campaign, ("campaign", None)),
        ("leads.decimal", leads.decimal, (".",)),
        ("leads.date_format", leads.date_format, (None,)),
        ("outcome.table", outcome.table and Path(outcome.table).name, ("outcomes.csv",)),
        ("outcome.id", outcome.id, ("lead_id",)),
        ("outcome.column", outcome.column, ("status",)),
        ("outcome.at", outcome.at, ("at", None)),
    ]
    if contacts:
        keys += [
            ("contacts.table", Path(contacts.table).name, ("contacts.csv",)),
            ("contacts.id", contacts.id, ("lead_id",)),
            ("contacts.started_at", contacts.started_at, ("started_at",)),
        ]
    return keys

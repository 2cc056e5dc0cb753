"""Files that are there whole or not at all: written beside their place, then renamed."""

from pathlib import Path

import pandas as pd
import typer


def write_text(text: str, path: Path) -> None:
    """Write a text file."""
    beside = _beside(path)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write CSV or Parquet, by the ending of the name."""
    if path.suffix not in {".csv", ".parquet"}:
        raise typer.BadParameter(f"{path}: the name must end in .csv or .parquet", param_hint="OUTPUT")
    beside = _beside(path)
    if path.suffix == ".csv":
        table.to_csv(beside, index=False, lineterminator="\n")
    else:
        table.to_parquet(beside, index=False)
    beside.replace(path)


def _beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.part")

"""What was measured, one line of JSON a run, so that a run that was broken off goes on where it ended."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One engine on one table from one seed; `cost` is what ours took."""

    table: str
    engine: str
    seed: int
    figures: Mapping[str, float]
    cost: Mapping[str, float | str]


class Kept:
    """The lines of a file; a later line stands in for an earlier one of the same run."""

    def __init__(self, file: Path) -> None:
        self.file = file
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        read = (Line(**json.loads(line)) for line in lines)
        self._lines = {(line.table, line.engine, line.seed): line for line in read}

    def has(self, table: str, engine: str, seed: int) -> bool:
        return (table, engine, seed) in self._lines

    def add(self, line: Line) -> None:
        self._lines[line.table, line.engine, line.seed] = line
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(line)) + "\n")

    def engines(self) -> list[str]:
        """Each engine once, in the order in which they first came."""
        return list(dict.fromkeys(engine for _, engine, _ in self._lines))

    def of(self, table: str, engine: str) -> list[Line]:
        """All seeds of an engine on a table."""
        return [line for (name, who, _), line in self._lines.items() if (name, who) == (table, engine)]

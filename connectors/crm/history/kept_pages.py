"""Pulled pages in a folder: `pages.jsonl`, a line each, and `position.json`, up to where they are whole.

A page is written before the position that lies behind it, so a pull that is cut off goes on with the page it was at.
"""

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connectors.crm.errors import CrmRefused
from connectors.crm.history.pages import Change, Page, Position
from connectors.crm.record import Raw
from features.whole_files import replace_private_file, write_text

PAGES, POSITION = "pages.jsonl", "position.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull is: what it began with, where it is (None: at the end), and since when the next one looks.

    `what` tells what was pulled: a mapping of other fields begins anew.
    """

    what: str
    since: str | None
    position: Position | None
    next_since: str | None
    size: int = 0


@dataclass
class Pulled:
    """All that was pulled: the newest of each record by its id, and the changes of each, each once."""

    records: dict[str, Raw] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)


class KeptPages:
    """A folder of pulled pages."""

    def __init__(self, folder: Path) -> None:
        self._pages, self._position = folder / PAGES, folder / POSITION
        folder.mkdir(parents=True, exist_ok=True)

    def read_progress(self) -> Progress | None:
        """How far the last pull came; None before the first."""
        try:
            return Progress(**json.loads(self._position.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, OSError):
            raise CrmRefused(f"{self._position} cannot be read; `--anew` pulls everything again") from None

    def begin(self, progress: Progress) -> None:
        """Note how far a pull is, with what was kept before it; of a whole new one nothing is."""
        if progress.size == 0:
            self._pages.write_bytes(b"")
            self._pages.chmod(0o600)  # it holds personal data
        self._write_position(progress)

    def append(self, progress: Progress, page: Page) -> Progress:
        """Keep a page that was read at a progress; the progress behind it."""
        line = json.dumps({"records": page.records, "changes": [asdict(one) for one in page.changes]}) + "\n"
        with self._pages.open("r+b") as file:
            file.truncate(progress.size)  # what a pull that was cut off wrote behind its position
            file.seek(progress.size)
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        behind = Progress(
            progress.what, progress.since, page.position, progress.next_since, progress.size + len(line.encode())
        )
        self._write_position(behind)
        return behind

    def read(self, id_name: str, size: int) -> Pulled:
        """All that was pulled, by the name of the property that is the id."""
        pulled = Pulled()
        seen: set[str] = set()
        for line in self._lines(size):
            for record in line["records"]:
                pulled.records[str(record.get(id_name))] = record
            for one in line["changes"]:
                key = json.dumps(one, sort_keys=True)
                if key not in seen:
                    seen.add(key)
                    pulled.changes.setdefault(one["record_id"], []).append(Change(**one))
        return pulled

    def rewrite(self, progress: Progress, pulled: Pulled, without: Collection[str]) -> Progress:
        """Keep only the newest of each record and each change once, and nothing of some; the progress then."""
        records = [record for key, record in pulled.records.items() if key not in without]
        changes = [one for key, some in pulled.changes.items() if key not in without for one in some]
        line = json.dumps({"records": records, "changes": [asdict(one) for one in changes]}) + "\n"
        rewritten = Progress(progress.what, progress.since, None, progress.next_since, len(line.encode()))
        with replace_private_file(self._pages) as draft:
            draft.write_text(line, "utf-8")
        self._write_position(rewritten)
        return rewritten

    def _lines(self, size: int) -> Iterator[dict[str, Any]]:
        with self._pages.open("rb") as file:
            while file.tell() < size:
                yield json.loads(file.readline())

    def _write_position(self, progress: Progress) -> None:
        write_text(json.dumps(asdict(progress)), self._position)

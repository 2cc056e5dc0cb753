"""Print where a lead passes, file by file: `python -m tools.journeys [TREE]` (or of another tree of this project).

Three journeys are made for real: a lead scored by `POST /v1/score`, a lead stored by `PUT /v1/leads/{lead_id}`, and a
table of leads trained on by `leads train`. Each file is listed where it is first entered. **↩** marks a step back: the
file was not entered from the one listed before it, but from an earlier one, which is named.
"""

import inspect
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

from tools.source import BESIDE

QUIET_SECONDS = 3.0
"""After which a service that was asked nothing does nothing."""
START_SECONDS = 60.0


@dataclass
class Journey:
    """Which files were entered, in their order, and from which file each."""

    root: Path
    steps: list[tuple[str, str | None]] = field(default_factory=list)

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        """Note a call; Python's profiler calls this."""
        is_function = frame.f_code.co_flags & inspect.CO_OPTIMIZED  # the body of a module or a class is none
        if event != "call" or not is_function:
            return
        entered = self._file_of(frame)
        if entered is not None and entered not in dict(self.steps):
            self.steps.append((entered, self._caller_of(frame)))

    @property
    def steps_back(self) -> int:
        """How many files were entered from another than the one before them."""
        return sum(self._is_back(number) for number in range(len(self.steps)))

    def lines(self) -> Iterator[str]:
        """The files as a list."""
        for number, (entered, caller) in enumerate(self.steps):
            back = f"  ↩ from {caller or 'another thread'}" if self._is_back(number) else ""
            yield f"- {entered}{back}"

    def _is_back(self, number: int) -> bool:
        return number > 0 and self.steps[number][1] != self.steps[number - 1][0]

    def _caller_of(self, frame: FrameType) -> str | None:
        caller = frame.f_back
        while caller is not None and self._file_of(caller) is None:
            caller = caller.f_back
        return None if caller is None else self._file_of(caller)

    def _file_of(self, frame: FrameType) -> str | None:
        path = frame.f_code.co_filename
        if not path.startswith(f"{self.root}{os.sep}"):
            return None
        name = path.removeprefix(f"{self.root}{os.sep}")
        room = name.partition(os.sep)[0]
        return None if room in BESIDE or room.startswith(".") else name


def trace_requests(root: Path) -> dict[str, Journey]:
    """Return the journeys of a scored and of a stored lead, by a service on a small real model."""
    models = import_module("tests.serving.models")
    client_of = import_module("fastapi.testclient").TestClient
    settings = import_module("serving.settings").Settings
    create_app = import_module("serving.app").create_app
    lead = models.LEAD
    facts = {name: value for name, value in lead.items() if name != "lead_id"}
    journeys: dict[str, Journey] = {"a scored lead": Journey(root), "a stored lead": Journey(root)}
    current: list[Journey] = []

    def note(frame: FrameType, event: str, given: Any) -> None:
        for journey in current:
            journey.note(frame, event, given)

    threading.setprofile(note)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            settings(database_url=f"sqlite:///{folder}/leads.db", open=True, poll_seconds=3_000),
            models.Models(models.train_model()),
        )
        with client_of(app, base_url="http://localhost") as client:
            _wait(lambda: client.get("/readyz").status_code == 200)
            asks: dict[str, Callable[[], Any]] = {
                "a scored lead": lambda: client.post("/v1/score", json=lead),
                "a stored lead": lambda: client.put(f"/v1/leads/{time.monotonic_ns()}", json=facts),
            }
            for ask in asks.values():
                ask()
            for name, ask in asks.items():
                time.sleep(QUIET_SECONDS)
                current[:] = [journeys[name]]
                ask()
                current.clear()
    threading.setprofile(None)
    return journeys


def trace_training(root: Path) -> dict[str, Journey]:
    """Return the journey of a simulated table through `leads train`."""
    exit_code = import_module("tests.running").exit_code
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        company = Path(folder) / "company"
        exit_code(["simulate", str(company), "--leads", "2500"])
        exit_code(["init", "leads.csv", "--outcomes", "outcomes.csv", "--contacts", "contacts.csv"], company)
        journey = Journey(root)
        threading.setprofile(journey.note)
        sys.setprofile(journey.note)
        exit_code(["train", "--trials", "2", "--budget", "3"], company)
        sys.setprofile(None)
        threading.setprofile(None)
    return {"a row from CSV to the model": journey}


def _wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the service did not start")
        time.sleep(0.05)


def main() -> None:
    """Print the journeys of the tree that is named, or of this one."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    sys.path.insert(0, str(root))
    for name, journey in (trace_requests(root) | trace_training(root)).items():
        print(f"\n## {name}: {len(journey.steps)} files, {journey.steps_back} steps back\n")
        print("\n".join(journey.lines()))


if __name__ == "__main__":
    main()

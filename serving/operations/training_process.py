"""`leads retrain` as a process beside the service, which everything else goes before."""

import asyncio
import json
import os
import re
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NICENESS = 10
"""So much that requests get ten times as much of a processor that both want, and the training still gets somewhere."""
FIRST_TO_GO = "1000"
"""What Linux adds to a process's size where it looks for one to end because memory is short."""
END_SECONDS = 3.0
PLAIN = {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "TYPER_STANDARD_TRACEBACK": "1"}
LONGEST_LINE = 1_000_000
REFUSED, STOP_CODE = "Refused: ", 130
PROGRESS = re.compile(r'\S+ retrain\.progress share=([\d.]+) step=("?)(.*)\2$')
FRAME, FRAMES = re.compile(r'  File "(.+)", line (\d+), in (\S+)'), 6

ReportProgress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class TrainingOrder:
    """What a training may take and learns from; `as_of` is a day in ISO 8601, `accept` the names of changes."""

    budget_s: float
    as_of: str | None = None
    from_store: bool = True
    accept: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """The options of `leads retrain`."""
        as_of = ["--as-of", self.as_of] if self.as_of else []
        accept = [word for name in self.accept for word in ("--accept", name)]
        return ["--budget", f"{self.budget_s:g}", "--export" if self.from_store else "--no-export", *as_of, *accept]


@dataclass(frozen=True, slots=True)
class TrainingEnd:
    """How the process ended: the report that it printed, its refusal, or where in the code it failed."""

    code: int = 0
    report: Mapping[str, Any] | None = None
    message: str = ""
    frames: tuple[str, ...] = ()


@asynccontextmanager
async def training_process(order: TrainingOrder, scoring_file: str, database_url: str) -> AsyncIterator[Process]:
    """The process at work, which is ended where the block ends before it."""
    words = [sys.executable, "-P", "-m", "commands", "retrain", "--config", scoring_file]
    words += ["--no-promote", "--progress", "--json", *order.words()]
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        limit=LONGEST_LINE,
        env=os.environ | PLAIN | {"LEADS_DATABASE_URL": database_url},
        **_below_normal_on_windows(),
    )
    try:
        _give_way(process.pid)
        yield process
    finally:
        await _end(process)


async def follow(process: Process, report_progress: ReportProgress) -> TrainingEnd:
    """Read what the process tells until it ends."""
    if process.stdout is None or process.stderr is None:
        raise RuntimeError("the process was started without pipes")
    log = _Log(report_progress)
    printed, _ = await asyncio.gather(process.stdout.read(), log.read(process.stderr))
    return TrainingEnd(await process.wait(), _read_report(printed), "\n".join(log.refusal), tuple(log.frames[-FRAMES:]))


class _Log:
    """What the process says on standard error: steps, a refusal at the end, or where it failed.

    The text of an exception is not kept: it may hold personal data.
    """

    def __init__(self, report_progress: ReportProgress) -> None:
        self._report_progress = report_progress
        self.refusal: list[str] = []
        self.frames: list[str] = []

    async def read(self, stream: asyncio.StreamReader) -> None:
        async for raw in stream:
            self._take(raw.decode("utf-8", "replace").rstrip("\n"))

    def _take(self, line: str) -> None:
        if found := PROGRESS.fullmatch(line):
            self._report_progress(found[3], float(found[1]))
        elif found := FRAME.fullmatch(line):
            self.frames.append(f"{found[1]}:{found[2]} {found[3]}")
        elif self.refusal or line.startswith(REFUSED):
            self.refusal.append(line.removeprefix(REFUSED))


def _read_report(printed: bytes) -> Mapping[str, Any] | None:
    try:
        report = json.loads(printed)
    except ValueError:
        return None
    return report if isinstance(report, dict) else None


async def _end(process: Process) -> None:
    """End it if it runs: it is asked to, and made to where it does not."""
    with suppress(ProcessLookupError):
        if process.returncode is None:
            process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), END_SECONDS)
        if process.returncode is None:
            process.kill()
            await process.wait()


def _give_way(pid: int) -> None:
    """Let everything else go first; where the machine does not let us, the training runs all the same."""
    with suppress(OSError):
        if sys.platform != "win32":
            os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid) + NICENESS)
    with suppress(OSError):
        if sys.platform == "linux":
            Path(f"/proc/{pid}/oom_score_adj").write_text(FIRST_TO_GO)


def _below_normal_on_windows() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {}

"""What is read of a training's process: its steps, its report, its refusal, and where it failed."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from serving.operations.training_process import TrainingEnd, TrainingOrder, follow

REPORT = 'print(\'{"ended": "ready", "version": "2"}\')'


def ended(program: str) -> tuple[TrainingEnd, list[tuple[str, float]]]:
    """How a program of Python is seen to end, and its steps."""
    steps: list[tuple[str, float]] = []

    async def run() -> TrainingEnd:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=PIPE, stderr=PIPE)
        return await follow(process, lambda step, share: steps.append((step, share)))

    return asyncio.run(run()), steps


def test_steps_are_told_as_they_come_and_the_report_at_the_end() -> None:
    log = "2026-11-29T14:50:10Z retrain.{}\\n"
    lines = [
        log.format(text) for text in ('progress share=0.29 step="1 shapes tried"', "trained", "progress share=1 step=x")
    ]
    found, steps = ended(f"import sys; sys.stderr.write({''.join(lines)!r}); {REPORT}".replace("\\\\n", "\\n"))
    assert steps == [("1 shapes tried", 0.29), ("x", 1.0)]
    assert found == TrainingEnd(0, {"ended": "ready", "version": "2"})


def test_a_refusal_is_kept_whole() -> None:
    found, _ = ended("import sys; sys.stderr.write('Refused: too few\\n  of them\\n'); sys.exit(1)")
    assert found == TrainingEnd(1, None, "too few\n  of them")


def test_of_a_fault_the_places_are_kept_and_nothing_that_it_says() -> None:
    found, _ = ended("def fit(): raise ValueError('Ada Lovelace')\nfit()")
    assert (found.code, found.frames) == (1, ("<string>:2 <module>", "<string>:1 fit"))
    assert "Ada" not in repr(found)


def test_what_is_asked_for_becomes_the_options_of_leads_retrain() -> None:
    assert TrainingOrder(60.0).words() == ["--budget", "60", "--export"]
    assert TrainingOrder(90.5, "2026-09-01", from_store=False, accept=("source:Fair", "rows")).words() == [
        *("--budget", "90.5", "--no-export", "--as-of", "2026-09-01"),
        *("--accept", "source:Fair", "--accept", "rows"),
    ]

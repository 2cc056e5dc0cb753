"""Why a lead scores as it does: one score's parts in, a waterfall, its table and its finding out.

With the model that gave the score, parts are probabilities: the calibrated score after each field in turn, the
strongest first, from an average lead. Without it they are the log-odds that were stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serving.pages import words
from serving.pages.charts import Step, Waterfall
from serving.pages.scene import Scene
from serving.pages.views import Picture, Table
from training.model import Reason, Score, ScoringModel

SHOWN = 10
START, END = "An average lead", "This lead"


@dataclass(frozen=True, slots=True)
class Parts:
    """The chart and what stands around it."""

    chart: Waterfall
    picture: Picture
    table: Table


def parts_of(score_id: str, score: Score, scene: Scene) -> Parts:
    """A waterfall for one score."""
    model = scene.model
    if model is not None and model.version == score.model_version:
        chart, table = _in_probability(score, model)
        caption = (
            "Read from the top: an average lead's chance, then what each field adds or takes, in points (customers "
            "in 100), the strongest first. Each bar begins where the one above ended; a field's points depend on "
            "those above."
        )
    else:
        chart, table = _in_log_odds(score)
        caption = (
            f"Model {score.model_version} gave this score and is not in use now, so the parts are in log-odds, before "
            "calibration: above 0 raises the score. Each bar begins where the one above ended."
        )
    picture = Picture(_finding(score), caption, _alt(chart), f"/charts/reasons/{score_id}")
    return Parts(chart, picture, table)


def _in_probability(score: Score, model: ScoringModel) -> tuple[Waterfall, Table]:
    shown, rest = _split(score.reasons)
    moves = [reason.contribution for reason in shown] + ([sum(r.contribution for r in rest)] if rest else [])
    raw = model.expected + np.concatenate([[0.0], np.cumsum(moves)])
    levels = [*map(float, model.calibration.probability(raw)[:-1]), score.probability]
    labels = [_label(reason) for reason in shown] + ([_others(rest)] if rest else [])
    rows = [(START, words.in_hundred(levels[0]), words.DASH)]
    steps = [Step(START, 0.0, levels[0], words.in_hundred(levels[0]), is_whole=True)]
    for label, before, after in zip(labels, levels, levels[1:], strict=False):
        steps.append(Step(label, before, after, words.points(after - before)))
        rows.append((label, words.in_hundred(after), words.points(after - before)))
    steps.append(Step(END, 0.0, score.probability, words.in_hundred(score.probability), is_whole=True))
    table = Table(("Field", "Chance so far", "Points"), tuple(rows), figures=(1, 2))
    return Waterfall(tuple(steps), "customers in 100 such leads", is_share=True), table


def _in_log_odds(score: Score) -> tuple[Waterfall, Table]:
    shown, rest = _split(score.reasons)
    pairs = [(_label(reason), reason.contribution) for reason in shown]
    pairs += [(_others(rest), sum(reason.contribution for reason in rest))] if rest else []
    level, steps, rows = 0.0, [], []
    for label, move in pairs:
        text = f"{move:+.2f}".replace("-", "−")
        steps.append(Step(label, level, level + move, text))
        rows.append((label, text))
        level += move
    total = f"{level:+.2f}".replace("-", "−")
    steps.append(Step("All fields", 0.0, level, total, is_whole=True))
    table = Table(("Field", "Log-odds"), (*rows, ("All fields", total)), figures=(1,))
    return Waterfall(tuple(steps), "log-odds against an average lead", is_share=False), table


def _split(reasons: Sequence[Reason]) -> tuple[Sequence[Reason], Sequence[Reason]]:
    """The strongest, and the rest where it is more than one."""
    return (reasons, ()) if len(reasons) <= SHOWN + 1 else (reasons[:SHOWN], reasons[SHOWN:])


def _label(reason: Reason) -> str:
    """The sentence without its effect, which the bar shows."""
    return reason.sentence.rpartition(": ")[0] or reason.field


def _others(rest: Sequence[Reason]) -> str:
    return f"{len(rest)} other fields"


def _finding(score: Score) -> str:
    if not score.reasons:
        return "No field tells this lead from an average one"
    strongest = score.reasons[0]
    more = "more" if strongest.contribution > 0 else "less"
    return f"“{_label(strongest)}” moves this score most: {more} likely to become a customer"


def _alt(chart: Waterfall) -> str:
    return "Waterfall. " + "; ".join(f"{step.label}: {step.text}" for step in chart.steps)

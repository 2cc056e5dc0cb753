"""Why a lead scores as it does: a waterfall of its score's parts, their table, and the finding.

With the model that gave the score, parts are points of probability, from an average lead. Without it they are the
log-odds that were stored.
"""

from dataclasses import dataclass

from serving.pages import formatting
from serving.pages.charts import Step, Waterfall
from serving.pages.lead.score_parts import label_of, ranked_reasons, split_reasons, split_score
from serving.pages.page_context import PageContext
from serving.pages.views import Picture, Table
from training.model import Score, ScoringModel

START, END = "An average lead", "This lead"


@dataclass(frozen=True, slots=True)
class Parts:
    """The chart and what stands around it."""

    chart: Waterfall
    picture: Picture
    table: Table


def parts_of(score_id: str, score: Score, context: PageContext) -> Parts:
    """A waterfall for one score."""
    model = context.model
    if model is not None and model.version == score.model_version:
        chart, table = _in_probability(score, model)
        caption = (
            "Read from the top: an average lead's chance, then what each field adds or takes, in points (customers "
            "in 100), the most first. Each bar begins where the one above ended. A field's points are the same in any "
            "order, and all add up to the score."
        )
    else:
        chart, table = _in_log_odds(score)
        caption = (
            f"Model {score.model_version} gave this score and is not in use now, so the parts are in log-odds, before "
            "calibration: above 0 raises the score. Each bar begins where the one above ended."
        )
    picture = Picture(_finding(score, context), caption, _alt(chart), f"/charts/reasons/{score_id}")
    return Parts(chart, picture, table)


def _in_probability(score: Score, model: ScoringModel) -> tuple[Waterfall, Table]:
    found = split_score(score, model)
    moves = [(label_of(part.reason), part.points) for part in found.parts]
    moves += [(_others(found.others), found.rest)] if found.others else []
    rows = [(START, formatting.in_hundred(found.base), formatting.DASH)]
    steps = [Step(START, 0.0, found.base, formatting.in_hundred(found.base), is_whole=True)]
    level = found.base
    for place, (label, points) in enumerate(moves):
        after = score.probability if place == len(moves) - 1 else level + points
        steps.append(Step(label, level, after, formatting.points(points)))
        rows.append((label, formatting.in_hundred(after), formatting.points(points)))
        level = after
    steps.append(Step(END, 0.0, score.probability, formatting.in_hundred(score.probability), is_whole=True))
    table = Table(("Field", "Chance so far", "Points"), tuple(rows), figures=(1, 2))
    return Waterfall(tuple(steps), "customers in 100 such leads", is_share=True), table


def _in_log_odds(score: Score) -> tuple[Waterfall, Table]:
    shown, rest = split_reasons(score.reasons)
    pairs = [(label_of(reason), reason.contribution) for reason in shown]
    pairs += [(_others(len(rest)), sum(reason.contribution for reason in rest))] if rest else []
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


def _others(rest: int) -> str:
    return f"{rest} other fields"


def _finding(score: Score, context: PageContext) -> str:
    """What moves the score most, as the bars and the reasons have it."""
    ranked = ranked_reasons(score, context)
    if not ranked:
        return "No field tells this lead from an average one"
    more = "more" if ranked[0].contribution > 0 else "less"
    return f"“{label_of(ranked[0])}” moves this score most: {more} likely to become a customer"


def _alt(chart: Waterfall) -> str:
    return "Waterfall. " + "; ".join(f"{step.label}: {step.text}" for step in chart.steps)

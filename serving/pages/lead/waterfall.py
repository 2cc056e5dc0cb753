"""Why a lead scores as it does: a waterfall of its score's parts, their table, and the finding.

With the model that gave the score, parts are points of probability, from an average lead. Without it they are the
log-odds that were stored.
"""

from dataclasses import dataclass

from language.numbers import write_number
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.charts import Step, Waterfall, waterfall_sizes
from serving.pages.lead.score_parts import ranked_reasons, split_reasons, split_score
from serving.pages.page_context import PageContext
from serving.pages.reason_words import label_of
from serving.pages.views import Picture, Table
from training.model import Score, ScoringModel

START, END = mark("An average lead"), mark("This lead")


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
        caption = _(
            "Read from the top: an average lead's chance, then what each field adds or takes, in points (customers "
            "in 100), the most first. Each bar begins where the one above ended. A field's points are the same in any "
            "order, and all add up to the score."
        )
    else:
        chart, table = _in_log_odds(score)
        caption = _(
            "Model %(version)s gave this score and is not in use now, so the parts are in log-odds, before "
            "calibration: above 0 raises the score. Each bar begins where the one above ended.",
            version=score.model_version,
        )
    sizes = waterfall_sizes(len(chart.steps))
    picture = Picture(_finding(score, context), caption, _alt(chart), f"/charts/reasons/{score_id}", sizes)
    return Parts(chart, picture, table)


def _in_probability(score: Score, model: ScoringModel) -> tuple[Waterfall, Table]:
    found = split_score(score, model)
    moves = [(label_of(part.reason), part.points) for part in found.parts]
    moves += [(_others(found.others), found.rest)] if found.others else []
    rows = [(_(START), formatting.in_hundred(found.base), formatting.DASH)]
    steps = [Step(_(START), 0.0, found.base, formatting.in_hundred(found.base), is_whole=True)]
    level = found.base
    for place, (label, points) in enumerate(moves):
        after = score.probability if place == len(moves) - 1 else level + points
        steps.append(Step(label, level, after, formatting.points(points)))
        rows.append((label, formatting.in_hundred(after), formatting.points(points)))
        level = after
    steps.append(Step(_(END), 0.0, score.probability, formatting.in_hundred(score.probability), is_whole=True))
    table = Table((_("Field"), _("Chance so far"), _("Points")), tuple(rows), figures=(1, 2))
    return Waterfall(tuple(steps), _("customers in 100 such leads"), is_share=True), table


def _in_log_odds(score: Score) -> tuple[Waterfall, Table]:
    shown, rest = split_reasons(score.reasons)
    pairs = [(label_of(reason), reason.contribution) for reason in shown]
    pairs += [(_others(len(rest)), sum(reason.contribution for reason in rest))] if rest else []
    level, steps, rows = 0.0, [], []
    for label, move in pairs:
        text = write_number(move, "+.2f")
        steps.append(Step(label, level, level + move, text))
        rows.append((label, text))
        level += move
    total = write_number(level, "+.2f")
    steps.append(Step(_("All fields"), 0.0, level, total, is_whole=True))
    table = Table((_("Field"), _("Log-odds")), (*rows, (_("All fields"), total)), figures=(1,))
    return Waterfall(tuple(steps), _("log-odds against an average lead"), is_share=False), table


def _others(rest: int) -> str:
    return ngettext("%(num)s other field", "%(num)s other fields", rest)


def _finding(score: Score, context: PageContext) -> str:
    """What moves the score most, as the bars and the reasons have it."""
    ranked = ranked_reasons(score, context)
    if not ranked:
        return _("No field tells this lead from an average one")
    if ranked[0].contribution > 0:
        return _("“%(reason)s” moves this score most: more likely to become a customer", reason=label_of(ranked[0]))
    return _("“%(reason)s” moves this score most: less likely to become a customer", reason=label_of(ranked[0]))


def _alt(chart: Waterfall) -> str:
    return _("Waterfall.") + " " + "; ".join(f"{step.label}: {step.text}" for step in chart.steps)

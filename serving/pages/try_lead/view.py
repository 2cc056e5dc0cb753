"""The page "Try a lead" in words: the form, and what the model says of what stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.errors import LeadRefused
from language.text import gettext as _
from serving.pages import formatting
from serving.pages.bars import BarRow, waterfall_bars
from serving.pages.lead.score_parts import ranked_reasons
from serving.pages.lead.waterfall import parts_of
from serving.pages.lines import reason_lines
from serving.pages.page_context import PageContext, chance_of
from serving.pages.try_lead.form import LEAD_ID, FormField, Values, error_name, form_fields
from serving.pages.views import Chance, ReasonLine
from serving.pages.warning_words import WARNINGS
from training.model import REASONS, Score, ScoringModel


@dataclass(frozen=True, slots=True)
class TriedScore:
    """What the model says: `finding` and `caption` stand around the bars, `spoken` is for who does not see them."""

    grade: str
    chance: Chance
    rank: str
    reasons: tuple[ReasonLine, ...]
    finding: str
    caption: str
    bars: tuple[BarRow, ...]
    warnings: tuple[str, ...]
    little_known: str
    spoken: str


@dataclass(frozen=True, slots=True)
class TryView:
    """The whole page; without a score something in the form cannot be used."""

    fields: tuple[FormField, ...]
    score: TriedScore | None
    zone: str
    of_lead: str


def try_view(
    model: ScoringModel,
    values: Values,
    outcome: Score | LeadRefused,
    importance: Mapping[str, float],
    context: PageContext,
    of_lead: str,
) -> TryView:
    """The form with these values, beside their score or what is wrong with them."""
    errors: dict[str, str] = {}
    if isinstance(outcome, LeadRefused):
        errors = {error_name(problem.path): _(problem.detail) for problem in outcome.problems}
    return TryView(
        fields=form_fields(model, values, errors, importance),
        score=_tried_score(outcome, context) if isinstance(outcome, Score) else None,
        zone=f"{context.now.astimezone(context.zone):%Z}",
        of_lead=of_lead,
    )


def _tried_score(score: Score, context: PageContext) -> TriedScore:
    parts, chance = parts_of(LEAD_ID, score, context), chance_of(score.probability, score.horizon_days)
    return TriedScore(
        grade=score.grade,
        chance=chance,
        rank=_("above %(share)s of 100 recent leads", share=formatting.whole(score.percentile)),
        reasons=reason_lines(ranked_reasons(score, context), REASONS),
        finding=parts.picture.finding,
        caption=parts.picture.caption,
        bars=waterfall_bars(parts.chart),
        warnings=tuple(map(WARNINGS.translate, score.warnings)),
        little_known=formatting.little_known(score.confidence),
        spoken=_("Grade %(grade)s, %(chance)s", grade=score.grade, chance=chance.words),
    )

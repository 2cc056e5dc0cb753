"""The data quality page in words: what is worth a look first, then every field."""

from collections.abc import Iterator
from dataclasses import dataclass

from language.numbers import whole
from language.text import gettext as _
from language.text import ngettext
from serving.pages import formatting
from serving.pages.data_quality.quality import LEAST_LEADS, DataQuality, FieldQuality
from serving.pages.field_titles import KINDS, title_of
from serving.pages.page_context import PageContext
from serving.pages.views import Table

MOST_NAMED = 5
MOST_UNKNOWN = 20


@dataclass(frozen=True, slots=True)
class DataView:
    """The whole page; `findings` are worth a look, `unknown` the fields that came and are not used."""

    answer: str
    basis: str
    findings: tuple[str, ...]
    table: Table | None
    unknown: Table | None
    is_coming: bool = False


def data_view(quality: DataQuality | None, context: PageContext) -> DataView:
    """The whole page; None where the leads were not read yet."""
    if quality is None:
        asks = _("It takes some seconds, the first time. This page asks again by itself.")
        return DataView(_("The leads are being read"), asks, (), None, None, is_coming=True)
    if not quality.leads + quality.refused:
        nothing = _("No lead arrived in the last four weeks")
        return DataView(nothing, _("Load this page again once there are some."), (), None, None)
    findings = tuple(_findings(quality))
    return DataView(
        answer=_filled_in_words(quality, findings),
        basis=_basis(quality, context),
        findings=findings,
        table=_fields(quality),
        unknown=_unknown_fields(quality),
    )


def _filled_in_words(quality: DataQuality, findings: tuple[str, ...]) -> str:
    if findings:
        return ngettext(
            "%(num)s thing in the recent leads to look at",
            "%(num)s things in the recent leads to look at",
            len(findings),
        )
    if quality.leads < LEAST_LEADS:
        return _("Too few leads arrived lately to tell whether they are filled in as before")
    if quality.trained is None:
        return _("Nothing stands out in the recent leads")
    return _("The recent leads are filled in as those that the model learned from")


def _basis(quality: DataQuality, context: PageContext) -> str:
    read = _(
        "The newest %(leads)s leads of the last four weeks, as they stood at %(when)s",
        leads=whole(quality.leads + quality.refused),
        when=context.moment_with_zone(quality.at),
    )
    if quality.trained is None:
        unknown = _("What the training leads held was not kept with this model.")
        return f"{read}. {unknown}"
    beside = _("beside the %(leads)s leads that the model learned from.", leads=whole(quality.trained))
    return f"{read}, {beside}"


def _findings(quality: DataQuality) -> Iterator[str]:
    """Sentences, the gravest first."""
    if quality.refused:
        yield ngettext(
            "%(num)s lead cannot be read by this model: a value is not of its field's kind.",
            "%(num)s leads cannot be read by this model: a value is not of its field's kind.",
            quality.refused,
        )
    for one in quality.fields:
        if one.has_moved and one.trained is not None:
            yield _(
                "%(field)s is filled in for %(now)s of the leads; in training it was for %(before)s.",
                field=title_of(one.field.name),
                now=formatting.share(one.fill_rate),
                before=formatting.share(one.trained.fill_rate),
            )
    for one in quality.fields:
        if one.is_new:
            yield _describe_unseen(one)


def _describe_unseen(one: FieldQuality) -> str:
    field, share = title_of(one.field.name), formatting.share(one.unseen_rate)
    if not one.common:
        return _("%(field)s: %(share)s of the values were never seen in training.", field=field, share=share)
    named = ", ".join(one.common[:MOST_NAMED])
    return _(
        "%(field)s: %(share)s of the values were never seen in training, such as %(values)s.",
        field=field,
        share=share,
        values=named,
    )


def _fields(quality: DataQuality) -> Table:
    head = (
        _("Field"),
        _("Kind"),
        _("Filled in training"),
        _("Filled lately"),
        _("A placeholder"),
        _("Never seen"),
        _("Not of its kind"),
    )
    return Table(head, tuple(map(_field_row, quality.fields)), figures=(2, 3, 4, 5, 6))


def _field_row(one: FieldQuality) -> tuple[str, ...]:
    return (
        title_of(one.field.name),
        _(KINDS[one.field.kind.value]),
        formatting.share(one.trained.fill_rate) if one.trained else formatting.DASH,
        formatting.share(one.fill_rate) if one.leads else formatting.DASH,
        whole(one.placeholders),
        formatting.share(one.unseen_rate) if one.field.kind.value == "category" and one.filled else formatting.DASH,
        whole(one.refused),
    )


def _unknown_fields(quality: DataQuality) -> Table | None:
    """The fields that came with a value and that the model does not know, the most frequent first."""
    if not quality.unknown:
        return None
    rows = tuple((name, whole(leads)) for name, leads in quality.unknown[:MOST_UNKNOWN])
    return Table((_("Field"), _("Leads")), rows, figures=(1,))

"""Lines that several pages show: contacts, outcomes, fields and reasons in words."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from features.lead import Contact, Value
from features.schema import Field, LeadSchema
from features.values import Kind, ValueRefused, is_missing
from language.numbers import whole
from language.text import gettext as _
from language.text import mark
from serving.pages import formatting
from serving.pages.field_titles import title_of
from serving.pages.page_context import NOT_TOLD, PageContext
from serving.pages.reason_words import is_of_nothing, reason_line
from serving.pages.views import CallForm, ContactLine, FactLine, OutcomeLine, ReasonLine
from serving.queue_rules import QueueEntry
from serving.store.contacts import StoredContact
from serving.store.leads import LeadFacts
from serving.store.outcomes import OutcomeReport
from training.model import Reason

LONGEST = 2_000
MOST_FIELDS = 200
REACHABLE = {Kind.PHONE: 0, Kind.EMAIL: 1}
"""What an agent needs first."""
REACHED: dict[bool | None, str] = {
    True: mark("reached"),
    False: mark("not reached"),
    None: mark("whether they were reached is not known"),
}
STATUSES = {"open": mark("open"), "won": mark("won"), "lost": mark("lost")}
"""What becomes of leads."""
LOST_REASONS = frozenset(
    {
        mark("No need"),
        mark("No budget"),
        mark("Too expensive"),
        mark("Chose another"),
        mark("Bad timing"),
        mark("Wrong contact"),
    }
)
"""Why deals are lost, where LEADS_LOST_REASONS says nothing: kept in English, shown in the reader's language."""

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOT_DIALLED = re.compile(r"[^\d+]")


def first_upper(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def reason_text(reason: str) -> str:
    """Why a deal was lost: one of ours in the reader's language, any other as the agent or the setting has it."""
    return _(reason) if reason in LOST_REASONS else reason


def holder_of(place: QueueEntry, context: PageContext) -> str:
    """Who has a claimed lead, to whoever looks: yours, with Ben."""
    return _("yours") if place.agent == context.agent else _("with %(agent)s", agent=place.agent)


def lead_url(lead_id: str) -> str:
    """The lead's own page."""
    return f"/leads/{quote(lead_id, safe='')}"


def reason_lines(reasons: Sequence[Reason], most: int) -> tuple[ReasonLine, ...]:
    """The strongest reasons, as sentences; that a field was not given is none of them."""
    told = [reason for reason in reasons if not is_of_nothing(reason)]
    return tuple(reason_line(reason) for reason in told[:most])


def contact_lines(
    contacts: Iterable[StoredContact], context: PageContext, form_of: Callable[[StoredContact], CallForm | None]
) -> tuple[ContactLine, ...]:
    """Attempts and conversations, the newest first; `form_of` makes the form that corrects one."""
    return tuple(_contact_line(stored, context, form_of(stored)) for stored in contacts)


def no_form(_: StoredContact) -> None:
    """No call is to be corrected here."""


def _contact_line(stored: StoredContact, context: PageContext, form: CallForm | None) -> ContactLine:
    contact = stored.contact
    return ContactLine(
        when=context.moment(contact.started_at),
        exact=context.exact(contact.started_at),
        agent=contact.agent or _("somebody"),
        what=_what_happened(contact),
        callback=_("to be called again %(when)s", when=context.moment(stored.again_at)) if stored.again_at else "",
        note=stored.note or "",
        form=form,
    )


def _what_happened(contact: Contact) -> str:
    """They called, reached by mail, 12 min."""
    parts = [_("they called")] if contact.direction == "in" else []
    reached = _(REACHED[contact.connected])
    if contact.channel and contact.channel != "phone":
        reached = _("%(reached)s by %(channel)s", reached=reached, channel=contact.channel)
    parts.append(reached)
    if contact.connected and contact.duration_s:
        parts.append(formatting.duration(contact.duration_s))
    return ", ".join(parts)


def outcome_line(outcome: OutcomeReport | None, context: PageContext) -> OutcomeLine | None:
    """What became of the lead; None while that is open."""
    if outcome is None or outcome.status == "open":
        return None
    at = outcome.at or outcome.reported_at
    parts = [_("%(status)s %(when)s", status=_(STATUSES[outcome.status]), when=context.moment(at))]
    if outcome.status == "won" and outcome.value is not None:
        parts.append(_("worth %(money)s", money=formatting.money(outcome.value)))
    why = f": {reason_text(outcome.reason)}" if outcome.reason else ""
    sentence = f"{first_upper(', '.join(parts))}{why}"
    return OutcomeLine(outcome.status, sentence, context.exact(at))


def role_lines(facts: LeadFacts, context: PageContext) -> tuple[FactLine, ...]:
    """The parts of a lead that have a place of their own."""
    return (
        _role_line(_("Arrived"), context.exact(facts.created_at) if facts.created_at else None),
        _role_line(_("Source"), facts.source),
        _role_line(_("Campaign"), facts.campaign),
        _role_line(_("Value"), None if facts.value is None else formatting.money(facts.value)),
    )


def _role_line(name: str, value: str | None) -> FactLine:
    return FactLine(name, value) if value else _unknown(name, _(NOT_TOLD))


def field_lines(fields: Mapping[str, Any], context: PageContext) -> tuple[FactLine, ...]:
    """The company's own fields as sent, ways to reach the lead first; those that the model does not use say why."""
    known = {field.name: field for field in context.schema.fields} if context.schema else {}
    lines = []
    for name, raw in fields.items():
        field = known.get(name)
        kind = _kind_of(name, field, context.schema)
        lines.append((_rank(kind, raw), _field_line(name, raw, field, kind, context)))
    shown = [line for _, line in sorted(lines, key=lambda ranked: ranked[0])]
    more = len(shown) - MOST_FIELDS
    return (*shown[:MOST_FIELDS], *([FactLine(_("Further fields"), whole(more))] if more > 0 else []))


def missing_lines(facts: LeadFacts, context: PageContext) -> tuple[FactLine, ...]:
    """Fields that the model would use and that did not come."""
    schema = context.schema
    if schema is None:
        return ()
    wanted = (field.name for field in schema.arrival_fields if field.name not in schema.role_of)
    return tuple(_unknown(title_of(name), _("not given")) for name in wanted if name not in facts.fields)


def _unknown(name: str, why: str) -> FactLine:
    return FactLine(name, formatting.DASH, unused=why)


def _kind_of(name: str, field: Field | None, schema: LeadSchema | None) -> Kind | None:
    """A field's kind; a column that is the lead's phone number is one, whether or not the model knows it."""
    if schema is not None and name == schema.phone:
        return Kind.PHONE
    return field.kind if field else None


def _field_line(name: str, raw: object, field: Field | None, kind: Kind | None, context: PageContext) -> FactLine:
    if is_missing(raw):
        return _unknown(title_of(name), _("not given"))
    if field is None or context.schema is None:
        return FactLine(title_of(name), _text(raw), _href(kind, raw), _unused(name, context.schema))
    try:
        value = context.schema.parser_of(field)(raw)
    except ValueRefused:
        return FactLine(title_of(name), _text(raw), _href(kind, raw), _unused(name, context.schema))
    if value is None:
        return _unknown(title_of(name), _("given as %(text)s, which stands for nothing here", text=_text(raw)))
    return FactLine(title_of(name), _value_text(value, raw, context), _href(kind, raw), _unused(name, context.schema))


def _value_text(value: Value, raw: object, context: PageContext) -> str:
    """A field's value as people write it; texts stand as they were sent."""
    if isinstance(value, datetime):
        return context.exact(value)
    if isinstance(value, float) and not isinstance(raw, bool):
        return formatting.figure(value)
    return _text(raw)


def _unused(name: str, schema: LeadSchema | None) -> str | None:
    if schema is None or name in schema.role_of or name in schema.person_columns.values():
        return None
    if any(field.name == name for field in schema.arrival_fields):
        return None
    later = any(field.name == name for field in schema.fields)
    return _("not used: known later than the lead arrives") if later else _("not used: the model does not know it")


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    text = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _is_address(raw: object) -> bool:
    return isinstance(raw, str) and _ADDRESS.fullmatch(raw.strip()) is not None


def _rank(kind: Kind | None, raw: object) -> int:
    return REACHABLE.get(Kind.EMAIL if _is_address(raw) else kind or Kind.TEXT, len(REACHABLE))


def _href(kind: Kind | None, raw: object) -> str | None:
    if _is_address(raw):
        return f"mailto:{quote(str(raw).strip(), safe='@+')}"
    if kind is Kind.PHONE and (digits := _NOT_DIALLED.sub("", str(raw))):
        return f"tel:{digits}"
    return None

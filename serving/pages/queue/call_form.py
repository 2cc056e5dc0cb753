"""The form by which an agent says how a call went, empty or of a call to be corrected, and what it sent."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from features.lead import Contact
from language.numbers import whole
from language.text import gettext as _
from language.text import mark, pgettext
from serving.errors import RequestRefused
from serving.operations.calls import RESULTS, Call, Result
from serving.pages.lines import reason_text
from serving.pages.queue import callback_times
from serving.pages.queue.callback_times import CallbackRefused, moment_of
from serving.pages.views import CallForm, Choice
from serving.queue_rules import QueueRules
from serving.store.contacts import StoredContact
from serving.store.outcomes import OutcomeReport

LONGEST_CALL = 600
"""In minutes; the other two in characters, what is beyond is cut off."""
LONGEST_REASON = 200
LONGEST_NOTE = 2_000
NUMBERS = {"minutes": mark("minutes"), "value": mark("value")}
"""The form's numbers, as a refusal names them."""


def new_call_form(lead_id: str, back: str, value: float | None, rules: QueueRules, now: datetime) -> CallForm:
    """An empty form; `value` is what the lead is worth if it is won, where that is known."""
    return CallForm(
        lead_id=lead_id,
        back=back,
        contact_id=None,
        results=_results(None),
        callback_times=callback_times.choices(rules, now),
        zone=rules.hours.zone,
        again_at="",
        minutes="",
        note="",
        value=_number_text(value),
        reasons=_reasons(rules, None),
        other_reason="",
        without_reaching=False,
    )


def correction_form(
    stored: StoredContact, outcome: OutcomeReport | None, back: str, rules: QueueRules, now: datetime
) -> CallForm:
    """The form of a call as it was logged; `outcome` is the lead's, which may be of this call."""
    contact = stored.contact
    agreed = stored.again_at if stored.again_at and stored.again_at > now else None
    own = outcome if outcome is not None and outcome.contact_id == stored.contact_id else None
    reason = own.reason if own else None
    return CallForm(
        lead_id=contact.lead_id,
        back=back,
        contact_id=stored.contact_id,
        results=_results(_result_of(stored, own)),
        callback_times=callback_times.choices(rules, now, agreed),
        zone=rules.hours.zone,
        again_at="",
        minutes=_number_text(None if contact.duration_s is None else contact.duration_s / 60),
        note=stored.note or "",
        value=_number_text(own.value if own else None),
        reasons=_reasons(rules, reason),
        other_reason="" if reason is None or reason in rules.lost_reasons else reason,
        without_reaching=contact.connected is False,
    )


def read_call(form: Mapping[str, str], lead_id: str, agent: str, rules: QueueRules, now: datetime) -> Call:
    """The call that a form tells of, which has just ended.

    Raises:
        RequestRefused: saying what is accepted.
    """
    result = form.get("result")
    if result not in RESULTS:
        raise RequestRefused(_("say how the call went: not reached, call back, won or lost"))
    minutes = _read_number(form, "minutes", LONGEST_CALL)
    is_unreached = result == "not_reached" or (result == "lost" and form.get("unreached") == "yes")
    contact = Contact(
        lead_id=lead_id,
        started_at=now - timedelta(minutes=minutes or 0),
        agent=agent,
        channel="phone",
        direction="out",
        connected=not is_unreached,
        duration_s=None if minutes is None else 60 * minutes,
    )
    return Call(
        contact,
        result,
        again_at=_read_again(form, rules, now) if result in ("not_reached", "callback") else None,
        note=form.get("note", "").strip()[:LONGEST_NOTE] or None,
        value=_read_number(form, "value", math.inf) if result == "won" else None,
        reason=_read_reason(form) if result == "lost" else None,
    )


def _read_again(form: Mapping[str, str], rules: QueueRules, now: datetime) -> datetime | None:
    try:
        return moment_of(form, rules, now)
    except CallbackRefused as refused:
        raise RequestRefused(str(refused)) from None


def _read_reason(form: Mapping[str, str]) -> str | None:
    """The reason in the agent's words; else the one that they chose."""
    texts = (form.get(name, "").strip()[:LONGEST_REASON] for name in ("other_reason", "reason"))
    return next((text for text in texts if text), None)


def _result_of(stored: StoredContact, own: OutcomeReport | None) -> Result:
    if own is not None and own.status != "open":
        return "won" if own.status == "won" else "lost"
    return "callback" if stored.contact.connected else "not_reached"


def _results(chosen: Result | None) -> tuple[Choice, ...]:
    words: dict[Result, str] = {
        "not_reached": _("Not reached"),
        "callback": _("Reached: call back"),
        "won": pgettext("result of a call", "Won"),
        "lost": pgettext("result of a call", "Lost"),
    }
    return tuple(Choice(result, text, result == chosen) for result, text in words.items())


def _reasons(rules: QueueRules, chosen: str | None) -> tuple[Choice, ...]:
    return tuple(Choice(reason, reason_text(reason), reason == chosen) for reason in rules.lost_reasons)


def _number_text(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")


def _read_number(form: Mapping[str, str], name: str, most: float) -> float | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= most or math.isinf(number):
        told = _(NUMBERS[name])
        if math.isinf(most):
            raise RequestRefused(_("%(name)s must be a number from 0 on", name=told))
        raise RequestRefused(_("%(name)s must be a number from 0 to %(most)s", name=told, most=whole(most)))
    return number

"""Words by which names of columns and values of outcomes speak, as `normalise_name` puts them."""

import re
import unicodedata
from functools import lru_cache

_NAME_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")
"""Where a word begins without a blank, as in `leadSource` and `CRMLead`; `IDs` is one word."""
_CUSTOM = re.compile(r"__c$")
"""How Salesforce ends the name of a field that a company made itself."""


def without_accents(text: str) -> str:
    """Campaña and Campańa as Campana; letters that only look alike stay."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@lru_cache(maxsize=10_000)
def normalise_name(name: str) -> str:
    """The words of a name, in lower case, a blank between them."""
    apart = _HUMP.sub(" ", _CUSTOM.sub("", without_accents(name)))
    return " ".join(word.casefold() for word in _NAME_WORD.findall(apart))


@lru_cache(maxsize=10_000)
def spellings(name: str) -> tuple[str, ...]:
    """What a name says, as it stands and without the object before it: "opportunity stage" is a "stage"."""
    words = normalise_name(name).split()
    objects = OBJECT_WORDS
    start = next((place for place, word in enumerate(words) if word not in objects), len(words))
    return tuple(dict.fromkeys(filter(None, (" ".join(words), " ".join(words[start:])))))


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


def _normalise_list(text: str) -> tuple[str, ...]:
    return _split_list(without_accents(text))


WEAK = frozenset(
    _normalise_list("""
    1, 0, yes, no, true, false, y, n, t, f, ja, nein, nee, oui, non, vrai, faux, sí, si, sì, verdadero, falso,
    vero, sim, não, nao, verdadeiro, tak, nie, prawda, fałsz, да, нет, истина, ложь, wahr, falsch, waar, onwaar,
    checked, unchecked
""")
)
"""Answers to any question: they say who won only where the question is that, or by a name that leaves no doubt."""
UNSURE_WORDS = frozenset(
    _normalise_list("""
    likely, unlikely, expected, pending, almost, probable, probably, potential, verbal, verbally, soon, will,
    would, be, maybe, partially, wahrscheinlich, voraussichtlich, mündlich, fast, probablement, probable,
    presque, provável, probabile, waarschijnlijk, почти, вероятно, prawdopodobnie
""")
)
"""A stage with one of these beside "won" is not won yet."""
TAKEN_BACK_STEMS = _normalise_list("""
    competit, konkurr, wettbewerb, mitbewerb, concurr, concorr, competen, competid, konkuren, конкурент, rival, cancel,
    refund, revoked, reversed, chargeback, storn, widerruf, gekundigt, annul, rembours, anulad, reembols, rimbors,
    geannul, terugbet, отмен, возврат, anulow, zwrot
""")
"""How words begin that take a win back: another won it, or it was undone."""
WON_AS_WORDS = frozenset(
    _normalise_list("""
    customer, client, deal, sale, opportunity, account, contact, order, contract, kunde, auftrag, won, paying, paid
""")
)
"""What a lead is turned into where it is won."""
OBJECT_WORDS = frozenset(
    _normalise_list("""
    affaire, transaction, opportunite, piste, trato, negocio, oportunidad, prospecto, negociacao, oportunidade,
    trattativa, opportunita, kans, szansa, сделка, сделки, лид, лида, заявка, заявки, geschaft, auftrag,
    verkaufschance, anfrage, lead, leads, deal, deals, opportunity, opportunities, opp, prospect, properties,
    property, fields, crm, enquiry, inquiry
""")
)
BARE_IDS = frozenset(_normalise_list("id, ids, uid, uuid, guid, key, no, nr, number, record id, row id"))
"""Names of a key that do not say whose."""
BARE_TIMES = frozenset(
    _normalise_list("""
    date, time, datetime, timestamp, datum, data, fecha, дата, day, eingang, anlage, entry date, opened, received
""")
)
"""Names of a moment that do not say which."""
CLOSED_WORDS = frozenset(
    _normalise_list("""
    closed, active, deleted, archived, open, unread, закрыта, закрыт, закрыто, активна, geschlossen,
    abgeschlossen, aktiv, clôturé, clôturée, fermé, fermée, actif, cerrado, cerrada, activo, fechado, fechada,
    ativo, chiuso, chiusa, attivo, gesloten, actief, zamknięta, zamknięty, aktywny, qualified
""")
)
WON_WORDS = frozenset(
    _normalise_list("won, win, wins, converted, gewonnen, gagné, ganado, ganho, vinto, выиграна, wygrana, success")
)
STEMS = {
    "value": _normalise_list("""
    value, amount, betrag, umsatz, auftragswert, montant, valeur, importe, monto, valor, importo, valore,
    bedrag, waarde, kwota, wartosc, сумма, выручк
"""),
    "campaign": _normalise_list("campaign, kampagn, campagn, campan, kampani, кампани"),
    "source": _normalise_list("""
    source, leadquelle, quelle, herkunft, origin, origen, fuente, origem, fonte, provenien, bron, herkomst,
    zrodło, источник, channel
"""),
}
"""How words of a role begin, where no name of a list is there."""
OTHER_MONEY = frozenset(
    _normalise_list("""
    annual, yearly, lifetime, company, jahresumsatz, annuel, anual, annuale, year, loan, credit, mean, average, avg,
    page, pages, visit, visits, session, sessions
""")
)
"""Words of a value that is not the deal's."""
BESIDE_WORDS = frozenset(
    _normalise_list("id, description, beschreibung, number, count, date, cost, url, system, code, detail, details")
)
OWNER_WORDS = frozenset(_normalise_list("owner, ownerid"))
BESIDE_OWNER = frozenset(
    _normalise_list("""
    owner, ownerid, name, id, role, team, email, alias, lead, deal, record, account, contact, opportunity,
    hubspot, sales, potential, user, current, full, first, last, title, s, by
""")
)
STAGE_WORDS = frozenset(
    _normalise_list("""
    stage, dealstage, salesstage, status, stagename, substatus, milestone, phase, stufe, etape, statut, etapa,
    fase, estado, estagio, stato, etap, этап, стадия, статус, disposition, outcome, result, converted, won
""")
)
ASKING_WORDS = frozenset(_normalise_list("is, was, were, has, had, been, did, got, flag, yn, y, n"))
"""Words of a column of yes and no beside what it asks."""
EXPECTED_WORDS = frozenset(
    _normalise_list("""
    expected, planned, estimated, est, forecast, projected, voraussichtliches, geschatztes, erwartetes, prevue,
    prevu, prevista, previsto, estimada, esperada, verwachte, przewidywana, planowana, ожидаемая, планируемая,
    предполагаемая
""")
)
"""Words of a closing date that need not be when a lead was closed."""
CONTACT_AT = _normalise_list("""
    started at, start time, call time, called at, call date, contacted at, contact date, contacted on, activity
    date, activity time, event date, event time, event at, occurred at, happened at, performed at, sent at,
    timestamp, date, datetime, time, due date, created at, created date, created on, created, logged at, call
    start, start date, call start time, datum, date time, add time, дата, fecha, zeitpunkt, anruf am,
    kontaktiert am, date d appel, data
""")

END_WORDS = _normalise_list("""
    duration, elapsed, stage, status, closed, close, closing, closure, won, win, lost, loss, losing,
    reason, outcome, result, disposition, converted, conversion, signed, contract, invoice, invoiced,
    paid, payment, purchased, cancelled, canceled, churn, churned, onboarding, onboarded, final,
    resolved, resolution, disqualified, qualified
""")
WORK_WORDS = _normalise_list("""
    calls, attempts, followup, followups, touches, meetings, talk, handled, assigned, agent, owner, rep,
    modified, updated, last, notes
""")
BEFORE_WORDS = _normalise_list("previous, prior, prev, past, earlier, former, before, existing, current")
COUNT_WORDS = _normalise_list("""
    n, num, nr, no, number, count, total, days, visits, views, calls, emails, opens, clicks, attempts
""")
PLANNED_WORDS = _normalise_list("""
    requested, preferred, desired, planned, event, birth, birthday, dob, travel, departure, move
""")
CONTACT_WORDS = _normalise_list("""
    call, calls, email, emails, mails, sms, messages, meetings, tasks, activities, interactions, conversations, notes
""")
TIME_WORDS = _normalise_list("at, date, datetime, timestamp, ts, day, created, updated, modified")
CODE_WORDS = _normalise_list("id, ids, uid, uuid, guid, key, number, no, nr, code, ref, reference, hash, token, index")
POSTAL_WORDS = _normalise_list("zip, zipcode, postal, postcode, plz")
PHONE_WORDS = _normalise_list("phone, mobile, tel, telephone, cell, fax, whatsapp")

PLACEHOLDERS = _split_list("""
    select, please select, select one, -select-, - select -, n/a, #n/a, na, n.a., -, --, ---, \u2014,
    \u2013, ?, null, nan, nil, unknown, not known, not specified, unspecified, not provided, not
    available, not set, (not set), (none), (blank), blank, undefined, tbd, missing, no data, не указано,
    неизвестно, нет данных
""")
NOTHING_WORDS = frozenset(PLACEHOLDERS) | {"none"}

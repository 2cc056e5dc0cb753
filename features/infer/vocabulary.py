"""What CRMs and web forms call things, as `names.said` puts it; the likeliest name comes first."""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


LEAD_ID = _listed("""
    lead id, leadid, id, lead uuid, mql id, prospect id, opportunity id, deal id, enquiry id, inquiry id, record
    id, lead number, lead no, contact id, customer id, client id, uuid, guid
""")
CREATED_AT = _listed("""
    created at, created, created date, created on, created time, date created, create date, creation
    date, lead created at, lead created date, arrived at, arrival date, arrival time, received at, lead
    date, submitted at, submission date, registered at, registration date, signup date, sign up date,
    signed up at, first contact date, inquiry date, enquiry date, request date, date added, added at,
    entry date, timestamp, datetime, date, time
""")
SOURCE = _listed("""
    source, lead source, utm source, original source, first source, contact source, traffic source,
    source name, lead origin, origin, channel, lead channel, marketing channel, acquisition channel,
    acquisition source, medium, utm medium
""")
CAMPAIGN = _listed("""
    campaign, utm campaign, campaign name, lead campaign, marketing campaign, ad campaign, campaign id,
    campaign code
""")
VALUE = _listed("""
    deal value, deal amount, won value, won amount, contract value, contract amount, order value, order
    amount, sale value, sale amount, sales amount, purchase amount, closed amount, value
""")
VALUE_MAYBE = _listed("amount, revenue, deal revenue, deal size, price paid, amount paid")
OUTCOME = _listed("""
    outcome, converted, is converted, lead converted, has converted, won, is won, closed won, y, target,
    label, is customer, customer, became customer, conversion, purchased, subscribed, bought, sold, lead
    outcome, final outcome, deal outcome
""")
OUTCOME_MAYBE = _listed("""
    status, lead status, stage, lead stage, deal status, deal stage, deal, result, state, final status,
    success, response, class, opportunity stage, opportunity status, pipeline stage, lifecycle stage
""")
OUTCOME_AT = _listed("""
    won at, at, closed at, converted at, won date, close date, closed date, date closed, conversion
    date, converted date, won on, closed on, outcome at, outcome date, date, time
""")
PERSON = _listed("""
    name, first name, last name, full name, surname, middle name, contact name, lead name, customer
    name, client name, given name, family name, firstname, lastname
""")

ENGLISH_NAMES = frozenset(
    (*LEAD_ID, *CREATED_AT, *SOURCE, *CAMPAIGN, *VALUE, *VALUE_MAYBE, *OUTCOME, *OUTCOME_MAYBE, *OUTCOME_AT, *PERSON)
)
"""Names that tell no other language from English."""

WON = _listed("""
    1, yes, true, y, t, won, win, closed won, deal won, converted, conversion, customer, client, sold,
    sale, purchased, purchase, bought, subscribed, paid, signed, success, successful, enrolled, became
    customer, closed deal, ja, gewonnen, kunde, oui, gagné, client signé, sí, si, ganado, ganada, sim, ganho,
    да, выиграна, выигран, успешно реализовано
""")
LOST = _listed("""
    0, no, false, n, f, lost, closed lost, deal lost, not converted, not won, closed not won,
    disqualified, unqualified, rejected, declined, dead, junk, spam, failed, failure, not interested,
    cancelled, canceled, refused, abandoned, unsuccessful, lost customer,
    nein, verloren, non, perdu, perdido, perdida, não, нет, проиграна, проигран, закрыто и не реализовано
""")
NOT_WORKED = _listed("""
    new, new lead, not contacted, untouched, not worked, unworked, uncontacted, not attempted,
    unassigned, never contacted, not yet contacted
""")

WEAK = frozenset(
    _listed("""
    1, 0, yes, no, true, false, y, n, t, f, ja, nein, nee, oui, non, vrai, faux, sí, si, sì, verdadero, falso,
    vero, sim, não, nao, verdadeiro, tak, nie, prawda, fałsz, да, нет, истина, ложь, wahr, falsch, waar, onwaar
""")
)
"""Answers to any question: they say who won only where the question is that, or by a name that leaves no doubt."""
UNSURE_WORDS = frozenset(
    _listed("""
    likely, unlikely, expected, pending, almost, probable, probably, potential, verbal, verbally, soon, will,
    would, be, maybe, partially, wahrscheinlich, voraussichtlich, mündlich, fast, probablement, probable,
    presque, provável, probabile, waarschijnlijk, почти, вероятно, prawdopodobnie
""")
)
"""A stage with one of these beside "won" is not won yet."""
OBJECT_WORDS = frozenset(
    _listed("""
    lead, leads, deal, deals, opportunity, opportunities, opp, prospect, properties, property, fields, crm,
    enquiry, inquiry
""")
)
BARE_TIMES = frozenset(
    _listed("""
    date, time, datetime, timestamp, datum, data, fecha, дата, day, eingang, anlage, entry date, opened, received
""")
)
"""Names of a moment that do not say which."""
CLOSED_WORDS = frozenset(
    _listed("""
    closed, active, deleted, archived, open, unread, закрыта, закрыт, закрыто, активна, geschlossen,
    abgeschlossen, aktiv, clôturé, clôturée, fermé, fermée, actif, cerrado, cerrada, activo, fechado, fechada,
    ativo, chiuso, chiusa, attivo, gesloten, actief, zamknięta, zamknięty, aktywny, qualified
""")
)
WON_WORDS = frozenset(
    _listed("won, win, wins, converted, gewonnen, gagné, ganado, ganho, vinto, выиграна, wygrana, success")
)
CONTACT_AT = _listed("""
    started at, start time, call time, called at, call date, contacted at, contact date, contacted on, activity
    date, activity time, event date, event time, event at, occurred at, happened at, performed at, sent at,
    timestamp, date, datetime, time, due date, created at, created date, created on, created, logged at, call
    start, start date, call start time, datum, date time, add time, дата, fecha, zeitpunkt, anruf am,
    kontaktiert am, date d appel, data
""")

END_WORDS = _listed("""
    duration, elapsed, stage, status, closed, close, closing, closure, won, win, lost, loss, losing,
    reason, outcome, result, disposition, converted, conversion, signed, contract, invoice, invoiced,
    paid, payment, purchased, cancelled, canceled, churn, churned, onboarding, onboarded, final,
    resolved, resolution, disqualified, qualified
""")
WORK_WORDS = _listed("""
    calls, attempts, followup, followups, touches, meetings, talk, handled, assigned, agent, owner, rep,
    modified, updated, last, notes
""")
BEFORE_WORDS = _listed("previous, prior, prev, past, earlier, former, before, existing, current")
COUNT_WORDS = _listed("""
    n, num, nr, no, number, count, total, days, visits, views, calls, emails, opens, clicks, attempts
""")
PLANNED_WORDS = _listed("""
    requested, preferred, desired, planned, event, birth, birthday, dob, travel, departure, move
""")
TIME_WORDS = _listed("at, date, datetime, timestamp, day, created, updated, modified")
CODE_WORDS = _listed("id, ids, uuid, guid, key, number, no, nr, code, ref, reference, hash, token, index")
POSTAL_WORDS = _listed("zip, zipcode, postal, postcode, plz")
PHONE_WORDS = _listed("phone, mobile, tel, telephone, cell, fax, whatsapp")

PLACEHOLDERS = _listed("""
    select, please select, select one, -select-, - select -, n/a, #n/a, na, n.a., -, --, ---, \u2014,
    \u2013, ?, null, nan, nil, unknown, not known, not specified, unspecified, not provided, not
    available, not set, (not set), (none), (blank), blank, undefined, tbd, missing, no data, не указано,
    неизвестно, нет данных
""")

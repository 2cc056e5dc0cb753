"""The templates of what a report's numbers say of response, agents, cost, drift and of themselves, from `analytics`."""

from language.text import mark, mark_plural

RESPONSE = (
    mark("This is observational: agents chose whom to call first, so this isn't proof."),
    mark("No matured leads can be told apart by how soon they were called."),
    mark("As it looks, of 100 leads called within %(limit)s, %(soon)s won; of 100 called later, %(later)s."),
    mark_plural("%(num)s working minute", "%(num)s working minutes"),
    mark_plural("%(num)s working hour", "%(num)s working hours"),
    mark("%(hours)s working hours"),
    mark("%(minutes)s working minutes"),
    mark("At the same score and fields"),
    mark("At the same score"),
    mark("at the same score and fields"),
    mark("at the same score"),
    mark("Whether speed makes a difference cannot be told: %(why)s."),
    mark("%(alike)s, leads called within %(limit)s and later differ in conversion by %(moved)s: no clear difference."),
    mark("%(alike)s, leads called within %(limit)s and later differ in conversion by %(moved)s."),
    mark("The score tells these leads apart too little to say that it is speed."),
    mark("It may not be speed: %(why)s."),
    mark(
        "%(alike)s, leads called within %(limit)s and later differ in conversion by %(moved)s; %(cost)s, unless "
        "%(reason)s."
    ),
    mark("it is explained if %(reason)s"),
    mark(
        "what agents called first by hardly shows in what is known of the leads, and whether they saw something else "
        "or took them as they came cannot be told"
    ),
    mark("that may well be speed, but %(why)s"),
    mark("waiting cost %(wins)s wins, between %(low)s and %(high)s"),
    mark(
        "agents saw something in the leads that the score and the fields do not show and that is %(times)s times as "
        "telling as they are"
    ),
    mark(
        "agents saw something in the leads that the score does not show and that is %(times)s times as telling as it is"
    ),
    mark("agents saw something in the leads that the score and the fields do not show"),
    mark("agents saw something in the leads that the score does not show"),
    mark("the difference between leads called soon and later is no clear one"),
    mark("the difference may have another reason than speed"),
    mark("leads called soon were not won more often"),
    mark("the difference is too close to chance to be counted in wins"),
    mark("no leads to compare with"),
    mark("too young to tell"),
    mark("no call was due"),
    mark("no leads arrived in these weeks"),
    mark("contacts are not recorded"),
    mark("no contact says whether it connected"),
    mark("no lead is older than the horizon"),
    mark("no scored leads under %(days)s days old"),
    mark("%(logged)s of %(wins)s wins have a contact on record: not all calls are logged"),
)
"""`analytics.response` and `analytics.conversion`."""

ESTIMATES = (
    mark("fewer than %(count)s in 100 leads got that far"),
    mark("fewer than %(count)s wins"),
    mark("fewer than %(count)s leads"),
    mark("too few leads: it takes %(leads)s on either side, and %(least)s wins"),
    mark("the score hardly tells these leads apart, so nothing shows which are alike"),
    mark("the scores of the two sides are too different to be compared"),
    mark("it takes %(count)s agents to tell how much they differ"),
    mark("no lead was won"),
)
"""`stats`: why a number is not known."""

AGENTS = (
    mark("too few matured leads with a score: 5 wins and 5 losses must be expected, and two agents compared"),
    mark("no leads"),
    mark("no lost leads"),
    mark("no follow-up was due"),
    mark("fewer than two leads"),
    mark("no leads in these weeks"),
    mark("the agents differ by no more than chance explains"),
    mark("no agent is on record"),
    mark("no matured lead was scored in time"),
    mark("no win was predicted"),
)
"""`analytics.agents` and `analytics.ledger`."""

COST = (
    mark("it takes at least two campaigns with spend and leads"),
    mark("No suggestion for the budget: %(why)s."),
    mark(
        "%(campaign)s brought %(wins)s wins (between %(low)s and %(high)s) for each %(money)s spent, %(doubt)s. Wins "
        "are counted or, of young leads, expected, and a campaign with few is drawn toward its source, so this is not "
        "one over the cost in the table. This is the average cost, not that of the next win: more budget may reach "
        "worse leads, so raise it in steps and watch the cost per expected win."
    ),
    mark("more than any other"),
    mark("but there is %(chance)s chance that it is really the best of the %(candidates)s; next is %(next)s"),
    mark("only a %(count)s in 100"),
    mark("a %(count)s in 100"),
    mark("no scores stored"),
    mark("no grades stored"),
    mark("no win yet, counted or expected"),
    mark("the spend is on record for the source as a whole, which campaigns share"),
    mark("no spend is recorded in this period"),
    mark("no spend recorded"),
    mark("no win yet from this spend"),
    mark("no lead yet from this spend"),
    mark("no lead of grade A or B yet from this spend"),
)
"""`analytics.cost`."""

DRIFT = (
    mark("No field changed clearly."),
    mark("Changed clearly: %(fields)s."),
    mark(
        "Weighted by the fields' parts in the score, the changes come to %(size)s, and from %(mark)s a new model is "
        "worth training."
    ),
    mark("The largest change is %(size)s, and from %(mark)s a new model is worth training."),
    mark(
        "Weighted by the fields' parts in the score, the changes come to %(size)s, less than the %(mark)s from which a "
        "new model is worth training."
    ),
    mark("The largest change is %(size)s, less than the %(mark)s from which a new model is worth training."),
    mark("Other leads are not yet a wrong score: predicted and actual customers show whether it is."),
    mark("there are not leads of both times to compare"),
    mark("other values"),
    mark("over %(low)s up to %(high)s"),
    mark("up to %(high)s"),
)
"""`analytics.drift`."""

MADE = (
    mark("Model %(version)s judges both periods: the newest that learned from neither."),
    mark(
        "For a horizon of %(days)s days %(why)s; the reference has to be trained for this report on leads that arrived "
        "before %(before)s, or out of fold."
    ),
    mark("For a horizon of %(days)s days %(why)s, and %(few)s."),
    mark("for a horizon of %(days)s days %(why)s, and %(few)s"),
    mark("for a horizon of %(days)s days %(why)s"),
    mark("there is no stored model"),
    mark("model %(version)s learned from neither period but tells no lead from another"),
    mark(
        "every stored model may have learned from leads of these periods, which begin on %(start)s; the oldest, "
        "%(version)s, was trained on leads that arrived before %(before)s"
    ),
    mark("It uses source and campaign alone: no model is registered that says what else is known."),
    mark("There are no matured leads to judge."),
    mark("there are no matured leads to judge"),
    mark(
        "A model made for this report judges both periods; it learned from %(leads)s leads that arrived before "
        "%(before)s."
    ),
    mark(
        "%(leads)s matured leads of the earlier period, %(wins)s of them won, are too few to make a reference model "
        "of: it takes %(least)s, %(least_wins)s of them won."
    ),
    mark(
        "%(leads)s matured leads of the earlier period, %(wins)s of them won, are too few to make a reference model "
        "of: it takes %(least)s, %(least_wins)s of them won"
    ),
    mark(
        "Each lead is judged by a model of other leads of the earlier period (out of fold), as there are too few still "
        "earlier ones to learn from."
    ),
    mark("both periods"),
    mark("it has not been made"),
    mark("it takes %(weeks)s whole weeks of matured leads, %(leads)s of them, %(won)s of those won"),
    mark("all leads younger than %(days)s days"),
    mark("from the start of the earlier period until now"),
    mark("the newest %(days)s days in which leads arrived, matured or not"),
    mark("the days asked for"),
    mark("the %(weeks)s weeks up to the day asked for"),
    mark("the newest %(weeks)s whole weeks whose leads are all older than %(days)s days"),
    mark("as many days just before"),
    mark("as many days up to the day asked for"),
    mark("leads: rows without lead_id or created_at: %(count)s"),
    mark("outcomes: wins without a date, counted as won within the horizon: %(count)s"),
    mark("contacts: rows without started_at: %(count)s"),
    mark("%(table)s: rows that name no lead: %(count)s"),
    mark("a period lies between %(first)s and %(last)s"),
    mark("the later period ends before it begins"),
    mark("the earlier period ends before it begins"),
    mark("the later period has not begun by %(day)s"),
    mark("the earlier period has not begun by %(day)s"),
    mark("the periods overlap: a lead cannot stand on both sides of a comparison"),
)
"""`analytics.periods`, `analytics.reference` and what was left out as the tables were read."""

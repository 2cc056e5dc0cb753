"""A second company whose truth is known, by other laws than `simulation/`, with which it shares no code.

Chances are probits, not logits. The quality that fields show is t-distributed within sources that overlap, and bends;
fields interact. First calls come the sooner the more an agent likes a lead, by a law of their own; wins take longer
for some leads than for others. Agents may pick their leads. Calls may be logged in part. A tenth of the leads was
imported on day one, sources come and go, money is spent on some campaigns only.

**Tables** (`make_tables(company, n, seed)`): leads, contacts, outcomes and spend as in docs/tables.md, as frames or, by
`.write(folder)`, as CSV files, as they stand at the start of day `until`; `.drawn` is what no table shows.
`TABLE_FIELDS` names the fields and their kinds.

**Truths** (`truth`): exact, by quadrature over the same laws, never from the leads of a draw:

- `conversion(company, window)`: the share won within the horizon of the leads that arrive in a window;
- `split(company, before, after)`: total, mix and handling between two windows;
- `source_rates(company, window)`: conversion by source, for leads that somebody works;
- `arrival_chance(company, leads)`, `handled_chance(company, leads)`: of each lead, given its fields;
- `speed_effect(company, window, limit_hours)`: what a call within a limit does at equal chances, and the wins missed
  for each lead; `speed_of_leads` the same by lead, also of the leads that were drawn.

Which helper's proof uses what (`COMPANIES` holds the scenarios by name; `dataclasses.replace` makes others):

- *mix*: `COMPANIES["nothing" | "mix" | "handling" | "opposite" | "hidden quality"]`. Make tables, build the report of
  `company.before` and `company.after`, hold it against `split`.
- *speed*: `speed=0.0` or `COMPANIES["speed works"]`, `picking` "score", "fair" or "unseen"; against `speed_effect`.
- *labels*: `neglected="referral"`, against `source_rates` and `arrival_chance`; `logged=0.7` with `logged_by` "chance",
  "source" or "agent": with complete logs or without, a trained model has to come to the same level.
- *ledger*: scores by `true_scores` are right by construction, at any share of logged calls, on every surface.
- *agents*: `skill=(0.0,) * 8` are equal agents; with `picking="unseen"` they get unlike leads that look alike.
"""

from tests.second_company.company import COMPANIES, TABLE_FIELDS, Company, Window
from tests.second_company.tables import Tables, make_tables, true_scores
from tests.second_company.truth import (
    arrival_chance,
    conversion,
    handled_chance,
    source_rates,
    speed_effect,
    speed_of_leads,
    split,
)

__all__ = [
    "COMPANIES",
    "TABLE_FIELDS",
    "Company",
    "Tables",
    "Window",
    "arrival_chance",
    "conversion",
    "handled_chance",
    "make_tables",
    "source_rates",
    "speed_effect",
    "speed_of_leads",
    "split",
    "true_scores",
]

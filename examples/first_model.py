# %% [markdown]
# # A first model, and how far to trust it
#
# A simulated company, so that the truth is known: a table is looked at, a model trained and held against the truth,
# single leads are explained, the model is registered and promoted, and the weekly report says what changed. It takes
# half a minute. Run it where `leads` is installed, in any folder; everything it makes is in a folder of its own.

# %%
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from features.config import read_config
from features.history import read_history
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from simulation.company import simulate
from training.evaluation.holdout import Champion
from training.pipeline import Settings, train
from training.registry import Registry, locate
from training.registry.log import log_run

folder = Path(tempfile.mkdtemp(prefix="first-model-"))

# %% [markdown]
# ## A company
#
# Eight thousand leads. Half a year ago marketing moved its budget to other sources; nothing changed in how sales
# works.

# %%
company = simulate(8_000, seed=7, scenario="marketing-shift", until=date(2026, 10, 1))
company.write(folder)
company.leads.head(3).T

# %% [markdown]
# ## What is in the table?
#
# `propose` finds roles, kinds, and fields that look filled in after the outcome. Those are not used. You know the
# process behind the table; read what it says and correct `scoring.toml`.

# %%
tables = TableLocations(
    leads=str(folder / "leads.csv"), outcomes=str(folder / "outcomes.csv"), contacts=str(folder / "contacts.csv")
)
proposal = propose(tables, relative_to=folder, today=date(2026, 10, 1))
(folder / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
print("known later, so not used:", ", ".join(field.name for field in proposal.suspects))
pd.DataFrame({"kind": {field.name: str(field.kind) for field in proposal.fields}})

# %% [markdown]
# ## Train
#
# As it would have been on the first of July: nothing later is seen. Two shapes of trees, so that the run is the same
# each time; in earnest give it seconds (`budget_s`) and leave `trials` out. Every candidate is judged on later leads
# that none had seen.

# %%
config = read_config(folder / "scoring.toml")
history = read_history(config)
july = datetime(2026, 7, 1, tzinfo=UTC)
settings = Settings(as_of=july, budget_s=60, seed=7, trials=2, today=date(2026, 10, 1))
run = train(config, history, settings, None, time.monotonic, lambda *_: None)

pd.DataFrame(
    {
        candidate.name: {name: candidate.evaluation.metrics[name].value for name in ("log_loss", "auc", "lift_10")}
        for candidate in run.candidates
    }
).T.round(3)

# %% [markdown]
# The log loss decides. An interval belongs to each figure: this is how sure it is.

# %%
print("served:", run.chosen)
for name in ("auc", "lift_10", "calibration_slope"):
    print(f"{name:18} {run.evaluation.metrics[name]:.2f}")
for reason in run.decision.reasons:
    print("•", reason)

# %% [markdown]
# ## Beside the truth
#
# What no company has: the true chance of every lead. In tenths by score, predicted beside true.

# %%
scored = run.model.score_table(history.leads, reasons=0).set_index("lead_id")
beside = scored[["probability"]].join(company.truth.set_index("lead_id")["probability"].rename("true chance"))
tenth = pd.qcut(beside["probability"].rank(method="first"), 10, labels=range(1, 11)).rename("tenth")
by_tenth = beside.groupby(tenth, observed=True).mean()
worst = (by_tenth["probability"] - by_tenth["true chance"]).abs().max()
print(f"the worst tenth is off by {100 * worst:.1f} in 100; correlation with the truth {beside.corr().iloc[0, 1]:.2f}")
by_tenth.round(3)

# %% [markdown]
# ## Why this lead?
#
# Reasons are exact parts of the score, as sentences.

# %%
best = run.model.score_table(history.leads, reasons=3).sort_values("probability", ascending=False)
for _, lead in best.iloc[[0, len(best) // 2, -1]].iterrows():
    print(f"{lead['lead_id']}  {lead['grade']}  {100 * lead['probability']:.0f} in 100")
    for number in (1, 2, 3):
        print("   ", lead[f"reason_{number}"])

# %% [markdown]
# What counts over all leads, in log-odds:

# %%
pd.Series(dict(run.importance), name="mean size of its part").sort_values(ascending=False).head(8).round(3).to_frame()

# %% [markdown]
# ## Register, compare, promote
#
# The registry is MLflow's, here in a file of the folder. The first model becomes champion. Three months later the
# next one is held against it on leads that neither has learned from.

# %%
registry = Registry(locate(folder, {}))
first = log_run(run, registry.location)
registry.promote(first, by="notebook", why="the first", at=datetime.now(UTC))

champion = Champion(registry.load("champion"), registry.training_hashes("champion"))
october = Settings(as_of=None, budget_s=60, seed=7, trials=2, today=date(2026, 10, 1))
second = train(config, history, october, champion, time.monotonic, lambda *_: None)
version = log_run(second, registry.location)
for reason in second.decision.reasons:
    print("•", reason)

# %%
comparison = registry.compare("champion", version)
rows = [(pair.name, f"{pair.first:.3f}", f"{pair.second:.3f}") for pair in comparison.metrics[:6]]
pd.DataFrame(rows, columns=["metric", "champion", "challenger"]).set_index("metric")

# %% [markdown]
# `registry.promote(version, …)` would put the second one into service, and `registry.rollback(…)` take that back.

# %% [markdown]
# ## What the report says
#
# The past goes into a store, and `leads report` compares two periods: before and after marketing changed its sources.
# Sales did nothing differently, so the change should be the mix's, and handling's should be nothing. The page says
# how sure it is, and where it cannot tell.


# %%
def leads(*words: str) -> str:
    """What a command of the product prints, in the company's folder."""
    command = [sys.executable, "-W", "ignore", "-m", "commands", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


print(leads("import-history"))
change = ("--from", "2026-04-02", "--to", "2026-07-02", "--before-from", "2025-09-01", "--before-to", "2026-04-01")
report = json.loads(leads("report", *change, "--as-of", "2026-10-01", "--json"))
for sentence in report["answer"]["sentences"]:
    print("•", sentence)

# %% [markdown]
# From here: [methods](../docs/methods.md) says what each number can't tell, [tables](../docs/tables.md) what your own
# may look like, and `leads serve` puts the champion behind an API and a queue.

"""The model card of a training run, in Markdown and as a page, for people who have to trust the model or not."""

import html
from collections.abc import Iterable, Sequence

import markdown

from training.data.dataset import Dataset
from training.evaluation.evaluate import CandidateRun, Evaluation, Slice
from training.evaluation.metric_names import MEANINGS, format_estimate, metric_name
from training.labels.states import State
from training.registry.config_notes import read_field_notes
from training.training_run import TrainingRun

PURPOSE = """\
The chance that a lead becomes a customer within {days} days, as known at the moment the lead arrives.
It is for sorting the sales queue, for telling the ad platforms which leads are worth more, and for
judging by one number what marketing brought and what sales made of it. It is not for refusing anybody
a service, a price or a credit."""
REFITTED = """\
> **The evaluation is of the chosen candidate, fitted without the {leads:,} test leads.** The registered
> model is the same candidate fitted once more on all training examples, the test leads included."""
LIMITS = """\
- It says who is likely to become a customer, not who becomes one because of a call.
- {excluded} are no training examples. If sales choose whom to contact, it has learned from those they chose.
- A new source, campaign or product has no history: its leads score near the average until it has.
- A prediction comes true or not within {days} days; until then nobody can know."""
COMPARED = ("log_loss", "auc", "average_precision", "lift_10", "ece")
ORDERS = {
    "created_at": "on the leads that arrived last, where history allows a horizon after those fitted on",
    "file": "on the last rows of the file, taken as the leads that came last",
    "none": "on a fifth of the leads, drawn at random with the same share of winners",
}

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --rule: #d8d8d8; --quiet: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181b; --rule: #3a3f45; --quiet: #1f2327; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 16px/1.55 system-ui, sans-serif;
       color: var(--ink); background: var(--paper); }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--rule); }
table { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
thead th:empty { display: none; }
blockquote { margin: 1rem 0; padding: .2rem 1rem; background: var(--quiet); border-left: 4px solid #0072b2; }
code, pre { background: var(--quiet); overflow-wrap: anywhere; } pre { padding: .8rem; overflow-x: auto; }
"""


def card_markdown(run: TrainingRun) -> str:
    """The whole card."""
    parts = (
        _head,
        _decision,
        _data,
        _cautions,
        _candidates,
        _metrics,
        _calibration,
        _slice_table,
        _field_tables,
        _limits,
        _repeat,
    )
    return "\n\n".join("\n".join(part(run)) for part in parts) + "\n"


def _head(run: TrainingRun) -> Iterable[str]:
    yield f"# Model card: {run.project}"
    yield ""
    yield PURPOSE.format(days=run.dataset.horizon_days)
    yield ""
    yield REFITTED.format(leads=run.evaluation.leads)


def _decision(run: TrainingRun) -> Iterable[str]:
    yield "## Decision"
    yield ""
    yield "**May replace the champion.**" if run.decision.promoted else "**May not replace the champion.**"
    yield ""
    yield from (f"- {reason}" for reason in run.decision.reasons)


def _data(run: TrainingRun) -> Iterable[str]:
    data = run.dataset
    yield "## Data"
    yield ""
    rows = [
        ("As of", f"{data.as_of:%Y-%m-%d}; nothing later was seen" if data.as_of else "undated"),
        ("Horizon", f"{data.horizon_days} days"),
        ("Training examples", f"{len(data):,} leads, {_describe_wins(data)} ({data.won.mean():.1%})"),
        ("Test leads", f"{run.evaluation.leads:,} leads, {run.evaluation.wins:,} of them won"),
        ("Younger than the horizon", f"{len(data.young):,} leads"),
        *((f"State: {state.replace('_', ' ')}", _count_state(data, state)) for state in data.counts),
        ("SHA-256", f"`{data.content_hash}`"),
    ]
    yield from _table(("", ""), rows)
    if notes := [note for note in run.notes if note not in data.cautions]:
        yield ""
        yield from (f"- {note}" for note in notes)


def _describe_wins(data: Dataset) -> str:
    """The wins on record, and those that are expected of open leads where these are training examples."""
    recorded = f"{int(data.won[~data.open].sum()):,} of them won"
    expected = float(data.won[data.open].sum())
    return f"{recorded} and about {expected:,.0f} more expected of the open ones" if expected else recorded


def _count_state(data: Dataset, state: State) -> str:
    """A state's leads; of the won ones also how many are left out because no contact with them is on record."""
    counted = f"{data.counts[state]:,} leads"
    if state is not State.WON or not data.wins_not_logged:
        return counted
    return f"{counted}, {data.wins_not_logged:,} of them without a logged contact, which teach nothing"


def _cautions(run: TrainingRun) -> Iterable[str]:
    yield "## What it knows little of"
    yield ""
    yield from (f"- {caution}" for caution in run.dataset.cautions)
    if not run.dataset.cautions:
        yield "Nothing that the data show: every source was contacted, as far as contacts are logged."


def _candidates(run: TrainingRun) -> Iterable[str]:
    ranked = sorted(run.candidates, key=lambda candidate: candidate.evaluation.metrics["log_loss"].value)
    yield "## Candidates"
    yield ""
    tested = ORDERS.get(run.order, "on leads they had not seen")
    yield f"Chosen: **{run.chosen}**, with calibration `{run.model.calibration.kind}`."
    yield f"All candidates were evaluated {tested}. Intervals hold 95 % of bootstrap draws."
    yield ""
    yield from _table(
        ("candidate", *map(metric_name, COMPARED)),
        (_candidate_row(candidate, run.chosen) for candidate in ranked),
    )


def _candidate_row(candidate: CandidateRun, chosen: str) -> Sequence[str]:
    name = f"**{candidate.name}**" if candidate.name == chosen else candidate.name
    return (name, *(format_estimate(candidate.evaluation.metrics[metric]) for metric in COMPARED))


def _metrics(run: TrainingRun) -> Iterable[str]:
    yield "## Metrics"
    yield ""
    rows = (
        (metric_name(name), format_estimate(value), MEANINGS.get(name, ""))
        for name, value in run.evaluation.metrics.items()
    )
    yield from _table(("metric", "value and 95 % interval", "meaning"), rows)


def _calibration(run: TrainingRun) -> Iterable[str]:
    evaluation = run.evaluation
    yield "## Calibration"
    yield ""
    yield f"The calibration error is {evaluation.metrics['ece'].value:.4f}; a perfect model would show"
    yield f"{evaluation.ece_floor:.4f} on as many leads, by chance alone. {_calibration_verdict(evaluation)}"


def _calibration_verdict(evaluation: Evaluation) -> str:
    slope, intercept = evaluation.metrics["calibration_slope"], evaluation.metrics["calibration_intercept"]
    right = slope.low <= 1 <= slope.high and intercept.low <= 0 <= intercept.high
    verdict = "do not clearly differ from" if right else "differ from"
    return (
        f"The calibration slope, {slope:.2f} (below 1 the probabilities lie too far apart), and the intercept, "
        f"{intercept:.2f} (above 0 more leads were won than predicted), {verdict} the right ones, 1 and 0."
    )


def _slice_table(run: TrainingRun) -> Iterable[str]:
    slices = run.evaluation.slices
    yield "## By source and month"
    yield ""
    if not slices:
        yield "No source or month has enough leads to be evaluated alone."
        return
    yield from _table(("", "leads", "predicted", "won", "log loss", "AUC"), map(_slice_row, slices))


def _slice_row(one: Slice) -> Sequence[str]:
    measured = (format_estimate(one.metrics[name]) for name in ("promised", "delivered", "log_loss", "auc"))
    return (f"{one.by} {one.name}", f"{one.leads:,}", *measured)


def _field_tables(run: TrainingRun) -> Iterable[str]:
    schema, notes = run.model.schema, read_field_notes(run.config_path)
    weighed = sorted(schema.arrival_fields, key=lambda field: -run.importance.get(field.name, 0.0))
    yield "## Fields"
    yield ""
    rows = ((field.name, field.kind.value, f"{run.importance.get(field.name, 0.0):.3f}") for field in weighed)
    yield from _table(("used", "kind", "mean absolute SHAP value, in log-odds"), rows)
    later = [field for field in schema.fields if field not in schema.arrival_fields]
    yield ""
    if later:
        yield "Left out, because they become known later than the lead arrives:"
        yield ""
        costs = {one.name: f"{one.with_it:.3f}, without it {one.without:.3f}" for one in run.refused}
        rows = ((field.name, notes.get(field.name, ""), costs.get(field.name, "")) for field in later)
        yield from _table(("left out", "why", "log loss of a quick model with it"), rows)
    else:
        yield "No field was left out as known later."


def _limits(run: TrainingRun) -> Iterable[str]:
    yield "## Limits"
    yield ""
    excluded = "Leads that nobody contacted" + ("" if run.dataset.open.any() else ", and leads too young to tell,")
    yield LIMITS.format(days=run.dataset.horizon_days, excluded=excluded)
    if run.order == "none":
        yield "- Nothing told which leads came later, so the figures do not show how it ages."


def _repeat(run: TrainingRun) -> Iterable[str]:
    yield "## To repeat it"
    yield ""
    yield "The same data, scoring.toml, seed and number of trials give the same model, byte for byte:"
    yield ""
    as_of = f" --as-of {run.dataset.as_of:%Y-%m-%d}" if run.dataset.as_of else ""
    yield f"    leads train --seed {run.seed} --trials {run.trials}{as_of}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def card_page(card: str, project: str) -> str:
    """The card as an HTML page for light and dark, without a network; names from the data are text, never markup."""
    body = markdown.markdown(html.escape(card, quote=False).replace("&gt; ", "> "), extensions=["tables"])
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Model card: {html.escape(project)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )

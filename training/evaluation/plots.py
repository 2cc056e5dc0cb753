"""The plots of a training run; the title of each says what it shows.

Colours are Okabe and Ito's (2008), which colour-blind people can tell apart.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from scipy.special import expit, logit

from stats.predictions import Predictions
from stats.ranking import Curve, gains_curve, precision_recall_curve, roc_curve
from stats.reliability import reliability_curve
from stats.types import Vector
from training.evaluation.evaluate import Evaluation
from training.models.grades import GRADES, OUT_OF_REACH
from training.training_run import TrainingRun

BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, BLACK, GREY = "#CC79A7", "#56B4E9", "#000000", "#767676"
OTHERS = (ORANGE, GREEN, PURPLE, SKY, VERMILLION, BLACK)
DPI = 110
MOST_FIELDS = 15
ROOT_TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1)
ODDS_TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99)


def draw_plots(run: TrainingRun) -> dict[str, Figure]:
    """Each figure by the name of its file."""
    figures = {
        "candidates": draw_candidates(run),
        "roc_pr": draw_roc_pr(run),
        "gains": draw_gains(run),
        "calibration": draw_calibration(run.evaluation),
        "scores": draw_scores(run),
    }
    return {**figures, "importance": draw_importance(run)} if run.importance else figures


def draw_candidates(run: TrainingRun) -> Figure:
    """Log loss of every candidate with its interval, best first."""
    ranked = sorted(run.candidates, key=lambda candidate: candidate.evaluation.metrics["log_loss"].value)
    figure, (axes,) = _make_figure(
        f"{_capitalise(ranked[0].name)} has the lowest log loss of {len(ranked)} candidates",
        height=1.8 + 0.4 * len(ranked),
    )
    for row, candidate in enumerate(ranked):
        loss, colour = candidate.evaluation.metrics["log_loss"], _colour_of(run)[candidate.name]
        axes.plot([loss.low, loss.high], [row, row], color=colour, linewidth=3, solid_capstyle="round")
        axes.plot(loss.value, row, "o", color=colour, markersize=8)
    axes.set_yticks(range(len(ranked)), [candidate.name for candidate in ranked])
    axes.set_ylim(len(ranked) - 0.5, -0.5)
    _label(axes, f"log loss on {run.evaluation.leads:,} leads, with its 95 % interval (lower is better)", "")
    return figure


def draw_roc_pr(run: TrainingRun) -> Figure:
    """How well each candidate ranks."""
    ranked = run.evaluation.metrics["auc"].value
    figure, (left, right) = _make_figure(
        f"A winner is ranked above another lead {percent(ranked)} of the time", columns=2
    )
    for evaluation, judged in _evaluations_to_draw(run):
        area, precision = (evaluation.metrics[name].value for name in ("auc", "average_precision"))
        _draw_line(left, run, evaluation, roc_curve(judged), f"{evaluation.candidate}: {area:.3f}")
        _draw_line(right, run, evaluation, precision_recall_curve(judged), f"{evaluation.candidate}: {precision:.3f}")
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
    right.axhline(run.evaluation.wins / run.evaluation.leads, color=GREY, linewidth=1, linestyle=":")
    right.set(xlim=left.get_xlim(), ylim=left.get_ylim())
    _label(left, "other leads let through", "winners found")
    _label(right, "winners found", "winners among those picked")
    left.legend(title="area under ROC", loc="lower right", frameon=False)
    right.legend(title="average precision", loc="upper right", frameon=False)
    _show_percent(left, right)
    return figure


def draw_gains(run: TrainingRun) -> Figure:
    """How many winners the best leads hold."""
    found = run.evaluation.metrics["gain_20"].value
    figure, (axes,) = _make_figure(f"The best 20 % of the leads hold {percent(found)} of the winners")
    for evaluation, judged in _evaluations_to_draw(run):
        _draw_line(axes, run, evaluation, gains_curve(judged), evaluation.candidate)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":", label="at random")
    axes.plot([0.2, 0.2, 0], [0, found, found], color=BLUE, linewidth=1, linestyle="--")
    _label(axes, "best leads, by score", "winners found")
    axes.legend(loc="lower right", frameon=False)
    _show_percent(axes)
    return figure


def draw_calibration(evaluation: Evaluation) -> Figure:
    """Actual beside predicted wins, with what chance alone would do; a root scale opens the low end."""
    found = reliability_curve(Predictions.of(evaluation.probability, evaluation.won))
    inside = (found.low <= found.actual) & (found.actual <= found.high)
    figure, (axes,) = _make_figure(f"Wins as predicted, but for chance, in {inside.sum()} of {len(inside)} groups")
    top = min(1.0, 1.1 * max(found.high.max(), found.actual.max(), found.predicted.max()))
    axes.plot([0, top], [0, top], color=GREY, linewidth=1, linestyle=":")
    axes.vlines(
        found.predicted,
        found.low,
        found.high,
        color=SKY,
        linewidth=7,
        alpha=0.5,
        label="normal by chance alone",
    )
    for rows, marker, colour, label in (
        (inside, "o", BLUE, "within it"),
        (~inside, "D", VERMILLION, "outside it"),
    ):
        if rows.any():
            axes.plot(found.predicted[rows], found.actual[rows], marker, color=colour, label=label)
    _label(axes, f"predicted (groups of about {int(np.median(found.size)):,} leads)", "actual: share won")
    axes.legend(loc="upper left", frameon=False)
    axes.set_xscale("function", functions=(_root, np.square))
    axes.set_yscale("function", functions=(_root, np.square))
    ticks = [tick for tick in ROOT_TICKS if tick <= top]
    axes.set(xticks=ticks, yticks=ticks, xlim=(0, top), ylim=(0, top))
    _show_percent(axes)
    return figure


def draw_scores(run: TrainingRun) -> Figure:
    """Where the probabilities lie, on the scale of log-odds, with the grades' cut-offs."""
    evaluation = run.evaluation
    odds = logit(evaluation.probability)
    middle, tenth = np.quantile(evaluation.probability, [0.5, 0.9])
    figure, (axes,) = _make_figure(f"Half of the leads score below {percent(middle)}, a tenth above {percent(tenth)}")
    edges = np.linspace(odds.min() - 1e-6, odds.max() + 1e-6, 41)
    won = evaluation.won > 0.5
    axes.hist(
        [odds[won], odds[~won]],
        bins=edges.tolist(),
        stacked=True,
        color=[ORANGE, SKY],
        label=["won", "not won"],
    )
    cutoffs = [logit(cutoff) for cutoff in run.model.grade_scale.cutoffs if cutoff < OUT_OF_REACH]
    ends = [odds.max(), *cutoffs, odds.min()]
    for grade, high, low in zip(GRADES, ends, ends[1:], strict=False):
        axes.axvline(low, color=BLACK, linewidth=1, linestyle="--" if low in cutoffs else "")
        axes.annotate(grade, ((low + high) / 2, 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom")
    ticks = [tick for tick in ODDS_TICKS if odds.min() - 0.3 <= logit(tick) <= odds.max() + 0.3]
    axes.set_xticks(logit(ticks or [evaluation.probability.mean()]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda odds, _: percent(expit(odds))))
    _label(axes, "probability, with the grades' cut-offs", "leads")
    axes.legend(loc="center right", frameon=False)
    return figure


def draw_importance(run: TrainingRun) -> Figure:
    """The fields that move scores most."""
    ranked = sorted(run.importance.items(), key=lambda item: -item[1])
    shown = ranked[:MOST_FIELDS]
    share = shown[0][1] / max(sum(run.importance.values()), 1e-12)
    more = f" ({len(shown)} of {len(ranked)} fields shown)" if len(ranked) > len(shown) else ""
    figure, (axes,) = _make_figure(
        f"{shown[0][0]} weighs most: {percent(share)} of all that moves scores", height=1.6 + 0.3 * len(shown)
    )
    axes.barh([name for name, _ in shown], [weight for _, weight in shown], color=BLUE, height=0.7)
    axes.invert_yaxis()
    _label(axes, f"mean absolute SHAP value of the field, in log-odds{more}", "")
    return figure


def _make_figure(title: str, columns: int = 1, height: float = 4.6) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(5.0 * columns + 1.2, height), dpi=DPI, layout="constrained", facecolor="white")
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.02, ha="left")
    axes = [figure.add_subplot(1, columns, column + 1) for column in range(columns)]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
        one.grid(color="#e6e6e6", linewidth=0.8)
        one.set_axisbelow(True)
    return figure, axes


def _evaluations_to_draw(run: TrainingRun) -> list[tuple[Evaluation, Predictions]]:
    """Every candidate, the chosen one last, so that it lies on top."""
    evaluations = sorted((c.evaluation for c in run.candidates), key=lambda e: e.candidate == run.chosen)
    return [(evaluation, Predictions.of(evaluation.probability, evaluation.won)) for evaluation in evaluations]


def _colour_of(run: TrainingRun) -> dict[str, str]:
    others = [candidate.name for candidate in run.candidates if candidate.name != run.chosen]
    return {run.chosen: BLUE, **{name: OTHERS[place % len(OTHERS)] for place, name in enumerate(others)}}


def _draw_line(axes: Axes, run: TrainingRun, evaluation: Evaluation, curve: Curve, label: str) -> None:
    width = 2.6 if evaluation.candidate == run.chosen else 1.4
    marker = "o" if len(curve.x) == 1 else ""
    colour = _colour_of(run)[evaluation.candidate]
    axes.plot(curve.x, curve.y, marker=marker, color=colour, linewidth=width, label=label)


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def _show_percent(*both: Axes) -> None:
    for axes in both:
        axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.set_aspect("equal")


def _root(x: Vector) -> Vector:
    return np.sqrt(np.maximum(x, 0))


def _capitalise(name: str) -> str:
    return name[:1].upper() + name[1:]


def percent(share: float) -> str:
    """A share as people read it: two digits, whole from 10 % on."""
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"

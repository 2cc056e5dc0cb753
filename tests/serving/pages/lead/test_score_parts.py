"""Reasons have one scale: order, bars and sentences are points of probability, and they add up to the score."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.pages.lead.score_parts import SHOWN, ranked_reasons, split_score
from serving.pages.lead.waterfall import parts_of
from serving.pages.page_context import PageContext
from serving.pages.reason_words import label_of
from stats.calibration import Calibration
from tests.serving.crm import NOW
from tests.serving.models import train_model
from tests.serving.pages.floor import UTC_ZONE
from training.model import Reason, Score, ScoringModel

MODEL = train_model()
STEEP = Calibration("isotonic", knots=(-3.0, -0.1, 0.0, 0.1, 3.0), values=(-4.0, -3.5, 0.0, 1.0, 1.5))
MAPS = (Calibration(), Calibration("beta", (0.6, 1.4, 0.2)), STEEP)


def scored(moves: Sequence[float], calibration: Calibration) -> tuple[Score, ScoringModel]:
    """A score whose reasons are these log-odds, the strongest first, and the model that gave it."""
    model = replace(MODEL, calibration=calibration)
    ordered = sorted(moves, key=lambda move: -abs(move))
    raw = np.array([model.base_value + sum(moves)])
    reasons = tuple(
        Reason(f"f{place}", move, f"F{place} is on: {'raises' if move > 0 else 'lowers'} the score")
        for place, move in enumerate(ordered)
    )
    probability = float(calibration.probability(raw)[0])
    score = Score("L-1", probability, "A", 90.0, (0.0, 1.0), reasons, 90, model.version, NOW)
    return score, model


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-3, 3).filter(lambda move: abs(move) > 1e-3), min_size=1, max_size=16), st.sampled_from(MAPS))
def test_printed_parts_add_up_and_stand_in_the_order_of_their_size(
    moves: list[float], calibration: Calibration
) -> None:
    score, model = scored(moves, calibration)
    found = split_score(score, model)
    told = [round(1_000 * part.points) for part in found.parts]
    assert sum(told) + round(1_000 * found.rest) == round(1_000 * round(score.probability, 3)) - round(
        1_000 * round(found.base, 3)
    )
    assert [abs(points) for points in told] == sorted((abs(points) for points in told), reverse=True)
    assert all(part.points * part.reason.contribution >= 0 for part in found.parts)
    assert len(found.parts) + found.others == len(moves)
    assert len(found.parts) <= SHOWN + 1


def test_a_part_is_the_mean_over_all_orders() -> None:
    moves = [1.4, -0.9, 0.5, 0.2]
    score, model = scored(moves, Calibration())
    ordered = [reason.contribution for reason in score.reasons]
    means = np.zeros(4)
    for order in itertools.permutations(range(4)):
        steps = model.base_value + np.concatenate([[0.0], np.cumsum([ordered[place] for place in order])])
        means[list(order)] += np.diff(model.calibration.probability(steps)) / 24
    found = {part.reason.contribution: part.points for part in split_score(score, model).parts}
    assert [found[move] for move in ordered] == pytest.approx(means, abs=0.001)


def test_what_moves_the_score_most_has_the_longest_bar_and_the_first_sentence() -> None:
    """Taken one after the other, the second of these fields has a longer bar than the first."""
    score, model = scored([1.0, 0.99, 0.98, -0.2], Calibration())
    context = PageContext(NOW, UTC_ZONE, "Ann", model)
    chart = parts_of("sc", score, context)
    bars = [(step.label, abs(step.end - step.start)) for step in chart.chart.steps if not step.is_whole]
    reasons = ranked_reasons(score, context)
    assert [label for label, _ in bars] == [label_of(reason) for reason in reasons]
    assert [length for _, length in bars] == sorted((length for _, length in bars), reverse=True)
    assert reasons[0].sentence.endswith("raises the score most")
    assert not any(reason.sentence.endswith("most") for reason in reasons[1:])
    assert chart.picture.finding.startswith(f"“{bars[0][0]}” moves this score most")
    assert len({text for _, _, text in chart.table.rows[1:3]}) <= 2


def test_sentences_and_bars_agree_on_a_page(floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    shown = ann.get("/leads/L-1").text
    first = re.search(r'<ol class="reasons">.*?</span>(.*?) · (?:raises|lowers) the score most', shown, re.DOTALL)
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="figure">[^<]*</td><td class="figure">([+−0-9.]+)', shown)
    assert first
    assert rows[0][0] == first[1]
    sizes = [float(points.lstrip("+−")) for name, points in rows if "other fields" not in name]
    assert sizes == sorted(sizes, reverse=True)

"""A weighted sum of LightGBM boosters as one LightGBM model, with exact SHAP values.

The members' trees stand one after another, their leaf values scaled by the weight. The SHAP values are
path-dependent (Lundberg et al. 2020, algorithm 2), equal to LightGBM's `pred_contrib`, with those of a cross shared out
among its columns. What a leaf contributes depends only on which of its conditions hold, so it is tabulated once, when
the model is loaded (`training.models.treeshap`), and looked up for each lead.
"""

import re
from collections.abc import Sequence
from functools import cached_property, partial

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from stats.types import Matrix
from training.models.crosses import Crosses

try:
    from training.models import treeshap
except ImportError:  # the logged model also runs where LightGBM is, and numba is not, or is too old for numpy
    treeshap = None  # type: ignore[assignment]


_TREE = re.compile(r"^Tree=\d+\n.*?(?=^Tree=\d+\n|^end of trees\n)", re.MULTILINE | re.DOTALL)
_SCALED = re.compile(r"^(leaf_value|internal_value|leaf_const)=(.*)$", re.MULTILINE)


TABULATED_FROM = 5_000
"""Leads that are worth the making of tables; ten times as many are then scored a second."""


class Trees:
    """Trees over the encoder's columns and their crosses, from LightGBM's text format."""

    def __init__(self, text: str, crosses: Crosses | None = None) -> None:
        self.text = text
        self.crosses = crosses
        self.booster = lgb.Booster(model_str=text)

    @classmethod
    def merge(
        cls, boosters: Sequence[lgb.Booster], weights: Sequence[float], crosses: Crosses | None = None
    ) -> "Trees":
        """The model whose raw score is Σ weight · raw score of a booster; the boosters share their columns.

        Where some of them see `crosses`, these come after the columns of the others.
        """
        texts = [booster.model_to_string() for booster in boosters]
        trees = [
            _SCALED.sub(partial(_scale_line, weight=weight), tree)
            for text, weight in zip(texts, weights, strict=True)
            for tree in _TREE.findall(text)
        ]
        numbered = [re.sub(r"^Tree=\d+", f"Tree={number}", tree) for number, tree in enumerate(trees)]
        widest = texts[int(np.argmax([booster.num_feature() for booster in boosters]))]
        head, tail = widest.split("Tree=0\n", 1)[0], widest.split("end of trees\n", 1)[1]
        sizes = " ".join(str(len(tree.encode())) for tree in numbered)
        head = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", head, flags=re.MULTILINE)
        return cls(f"{head}{''.join(numbered)}end of trees\n{tail}", crosses)

    @cached_property
    def _tables(self) -> "treeshap.LeafTables | None":
        return treeshap.tabulate(self.text, self.booster.num_feature()) if treeshap else None

    @cached_property
    def base_value(self) -> float:
        """The mean raw score over the training leads, by the counts that the trees hold."""
        if self._tables is not None:
            return self._tables.base_value
        return float(_contributions(self.booster, np.zeros((1, self.booster.num_feature())))[0, -1])

    def raw_score(self, X: Matrix) -> NDArray[np.float64]:
        """Log-odds (n,) for a matrix (n, d): the same number by LightGBM or, where there are many, by the tables."""
        own = self.crosses.append(X) if self.crosses else X
        if len(own) >= TABULATED_FROM and self._tables is not None:
            return self._tables.raw_score(own)
        return predict_raw(self.booster, own)

    def explain(self, X: Matrix) -> tuple[NDArray[np.float64], Matrix]:
        """Raw scores (n,) and SHAP values (n, d), in log-odds; a raw score is `base_value` plus its SHAP values."""
        if self.crosses:
            raw, shap_values = self._explain(self.crosses.append(X))
            return raw, self.crosses.share_out(shap_values)
        return self._explain(X)

    def _explain(self, X: Matrix) -> tuple[NDArray[np.float64], Matrix]:
        """`explain` for the trees' own columns, crosses among them."""
        if self._tables is not None:
            return self._tables.explain(X)
        return predict_raw(self.booster, X), _contributions(self.booster, X)[:, :-1]


def predict_raw(booster: lgb.Booster, X: Matrix) -> NDArray[np.float64]:
    """Log-odds (n,), by the best iteration where there is one.

    In one thread, as everything is fitted: LightGBM keeps the number of threads in one variable of the process, and
    a booster that is fitted while another thread changes it writes past its buffers.
    """
    return np.asarray(booster.predict(X, raw_score=True, num_threads=1))


def _contributions(booster: lgb.Booster, X: Matrix) -> Matrix:
    return np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))


def _scale_line(line: re.Match[str], weight: float) -> str:
    values = " ".join(repr(float(value) * weight) for value in line[2].split())
    return f"{line[1]}={values}"

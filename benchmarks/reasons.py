"""Exact reasons over 20 columns: ours beside LightGBM's pred_contrib, alternating; a usual and a large model."""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial

import lightgbm as lgb
import numpy as np

from training.models.merged_trees import Trees

ROUNDS = 5
BATCH = 2_000
SHAPES: Mapping[str, tuple[int, dict[str, object]]] = {
    "200 trees of 15 leaves": (200, {"num_leaves": 15}),
    "2,500 trees of 7 leaves": (2_500, {"num_leaves": 7, "extra_trees": True, "feature_fraction_bynode": 0.3}),
}


def main() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 20))
    X[:, 10:] = rng.integers(0, 12, size=(20_000, 10))
    won = (rng.random(len(X)) < 1 / (1 + np.exp(2 - X[:, 0] - (X[:, 11] > 6)))).astype(float)
    one, batch = X[:1].copy(), X[:BATCH].copy()
    for name, (rounds, shape) in SHAPES.items():
        data = lgb.Dataset(X, won, categorical_feature=list(range(10, 20)))
        fixed = {"objective": "binary", "max_depth": 8, "verbosity": -1, "num_threads": 1}
        trees = Trees.merge([lgb.train({**fixed, **shape}, data, rounds)], [1.0])
        trees.explain(one)
        print(f"{name:28}{'LightGBM':>12}{'ours':>12}{'ratio':>8}")
        compare("one lead, with reasons, µs", 1e6, partial(contributions, trees, one), partial(trees.explain, one), 50)
        compare("2,000 leads, s", 1.0, partial(contributions, trees, batch), partial(trees.explain, batch), 1)


def contributions(trees: Trees, X: np.ndarray) -> object:
    return trees.booster.predict(X, pred_contrib=True, num_threads=1)


def compare(name: str, unit: float, theirs: Callable[[], object], ours: Callable[[], object], repeats: int) -> None:
    pairs = [(seconds(theirs, repeats), seconds(ours, repeats)) for _ in range(ROUNDS)]
    their, our = (statistics.median(side) * unit for side in zip(*pairs, strict=True))
    print(f"{name:28}{their:12.3g}{our:12.3g}{their / our:8.1f}")


def seconds(call: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


if __name__ == "__main__":
    main()

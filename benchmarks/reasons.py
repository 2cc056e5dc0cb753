"""Exact reasons: ours beside LightGBM's pred_contrib, for 200 trees of 15 leaves over 20 columns, alternating."""

import statistics
import time
from collections.abc import Callable

import lightgbm as lgb
import numpy as np

from training.trees import Trees

ROUNDS = 7
BATCH = 10_000


def main() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 20))
    X[:, 10:] = rng.integers(0, 12, size=(20_000, 10))
    won = (rng.random(len(X)) < 1 / (1 + np.exp(2 - X[:, 0] - (X[:, 11] > 6)))).astype(float)
    data = lgb.Dataset(X, won, categorical_feature=list(range(10, 20)))
    parameters = {"objective": "binary", "num_leaves": 15, "max_depth": 8, "verbosity": -1, "num_threads": 1}
    trees = Trees.sum_of([lgb.train(parameters, data, 200)], [1.0])
    one, batch = X[:1].copy(), X[:BATCH].copy()
    trees.explain(one)
    print(f"{'':28}{'LightGBM':>12}{'ours':>12}{'ratio':>8}")
    compare("one lead, with reasons, µs", 1e6, lambda: contributions(trees, one), lambda: trees.explain(one), 200)
    compare("10,000 leads, s", 1.0, lambda: contributions(trees, batch), lambda: trees.explain(batch), 1)


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

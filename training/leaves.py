"""What each leaf contributes under every combination of its conditions, tabulated: LightGBM trees in, lookups out.

For a leaf with value v and d different columns on its path, column j adds

    v · (o_j − z_j) · Σ_S |S|! (d − |S| − 1)! / d! · Π_{k∈S} o_k · Π_{k∉S} z_k        over S without j,

where o_k says whether the lead meets the path's conditions on column k and z_k is the share of training leads
that does (Lundberg et al. 2020). The o's have 2^d states, so a leaf is a table of 2^d rows and d columns.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.kernels import explain_trees

Matrix = NDArray[np.float64]

MAX_NODES = 64
MAX_CONDITIONS = 8

_TREE = re.compile(r"^Tree=\d+\n(.*?)\n\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """What a path asks of one column: the nodes in `mask` must go left exactly where `left` says."""

    column: int
    mask: int
    left: int
    share: float


@dataclass(frozen=True)
class Leaf:
    """A leaf's value and the conditions on its path, one a column."""

    value: float
    conditions: tuple[Condition, ...]

    @property
    def share(self) -> float:
        """The share of training leads that reach it."""
        return math.prod(condition.share for condition in self.conditions)


class Tree:
    """One tree of LightGBM's text format."""

    def __init__(self, text: str) -> None:
        parts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

        def numbers(name: str, kind: type) -> list[float]:
            return [kind(value) for value in parts.get(name, "").split()]

        self.column = numbers("split_feature", int)
        self.threshold = numbers("threshold", float)
        self.decision = numbers("decision_type", int)
        self.left, self.right = numbers("left_child", int), numbers("right_child", int)
        self.value, self.leaf_count = numbers("leaf_value", float), numbers("leaf_count", int)
        self.count = numbers("internal_count", int)
        self.boundaries, self.words = numbers("cat_boundaries", int), numbers("cat_threshold", int)

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf with its path's conditions, in LightGBM's order."""
        if not self.column:
            return iter([Leaf(self.value[0], ())])
        found: dict[int, Leaf] = {}
        self._walk(0, {}, found)
        return iter(leaf for _, leaf in sorted(found.items()))

    def _walk(self, node: int, path: dict[int, Condition], found: dict[int, Leaf]) -> None:
        if node < 0:
            found[~node] = Leaf(self.value[~node], tuple(path.values()))
            return
        column = int(self.column[node])
        before = path.get(column, Condition(column, 0, 0, 1.0))
        for child, left in ((int(self.left[node]), 1), (int(self.right[node]), 0)):
            count = self.leaf_count[~child] if child < 0 else self.count[child]
            share = before.share * count / self.count[node]
            met = Condition(column, before.mask | 1 << node, before.left | left << node, share)
            self._walk(child, {**path, column: met}, found)


@dataclass(frozen=True)
class LeafTables:
    """All trees as flat arrays, in the shape that the kernel walks."""

    expected: float
    columns: int
    trees: tuple[NDArray[np.int64], NDArray[np.int64]]
    nodes: tuple[NDArray[np.generic], ...]
    leaves: tuple[NDArray[np.generic], ...]
    conditions: tuple[NDArray[np.generic], ...]
    table: NDArray[np.float64]

    def explain(self, X: Matrix) -> tuple[NDArray[np.float64], Matrix]:
        """The raw score (n,) and each column's part in it (n, d), for a matrix (n, d)."""
        raw, parts = np.zeros(len(X)), np.zeros((len(X), self.columns))
        explain_trees(X, raw, parts, *self.trees, *self.nodes, *self.leaves, *self.conditions, self.table)
        return raw, parts


def tabulate(model: str, columns: int) -> LeafTables | None:
    """Tabulate a model in LightGBM's text format; None where a tree is too large for it."""
    trees = [Tree(text) for text in _TREE.findall(model)]
    leaves = [list(tree.leaves()) for tree in trees]
    flat = [leaf for of_tree in leaves for leaf in of_tree]
    if max((len(tree.column) for tree in trees), default=0) > MAX_NODES:
        return None
    if max((len(leaf.conditions) for leaf in flat), default=0) > MAX_CONDITIONS:
        return None
    conditions = [condition for leaf in flat for condition in leaf.conditions]
    sizes = np.array([len(leaf.conditions) for leaf in flat], dtype=np.int64)
    offsets = _ends(sizes * 2**sizes)
    return LeafTables(
        expected=math.fsum(leaf.value * leaf.share for leaf in flat),
        columns=columns,
        trees=(_ends([len(tree.column) for tree in trees]), _ends([len(of_tree) for of_tree in leaves])),
        nodes=_nodes(trees),
        leaves=(np.array([leaf.value for leaf in flat]), _ends(sizes), offsets),
        conditions=(
            np.array([condition.column for condition in conditions], dtype=np.int64),
            np.array([condition.mask for condition in conditions], dtype=np.uint64),
            np.array([condition.left for condition in conditions], dtype=np.uint64),
        ),
        table=_table(flat, sizes, offsets),
    )


def _ends(sizes: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)


def _nodes(trees: Sequence[Tree]) -> tuple[NDArray[np.generic], ...]:
    """For each node: column, threshold, decision type, and where its category bits start and how many words."""
    starts: list[int] = []
    lengths: list[int] = []
    words: list[float] = []
    for tree in trees:
        for threshold, decision in zip(tree.threshold, tree.decision, strict=True):
            category = int(threshold) if int(decision) & 1 else None
            bounds = (0, 0) if category is None else (tree.boundaries[category], tree.boundaries[category + 1])
            starts.append(len(words) + int(bounds[0]))
            lengths.append(int(bounds[1]) - int(bounds[0]))
        words += tree.words
    return (
        np.array([column for tree in trees for column in tree.column], dtype=np.int64),
        np.array([threshold for tree in trees for threshold in tree.threshold], dtype=np.float64),
        np.array([decision for tree in trees for decision in tree.decision], dtype=np.int64),
        np.array(starts, dtype=np.int64),
        np.array(lengths, dtype=np.int64),
        np.array(words, dtype=np.int64),
    )


def _table(leaves: Sequence[Leaf], sizes: NDArray[np.int64], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Every leaf's rows, one after another; leaves with as many conditions are worked out together."""
    table = np.zeros(int(offsets[-1]))
    for size in np.unique(sizes[sizes > 0]).tolist():
        same = np.flatnonzero(sizes == size)
        shares = np.array([[condition.share for condition in leaves[leaf].conditions] for leaf in same.tolist()])
        values = np.array([leaves[leaf].value for leaf in same.tolist()])
        rows = _rows(values, shares).reshape(len(same), -1)
        table[offsets[same][:, None] + np.arange(rows.shape[1])] = rows
    return table


def _rows(values: NDArray[np.float64], shares: Matrix) -> NDArray[np.float64]:
    """The contributions (leaves, 2^d, d), from values (leaves,) and shares (leaves, d)."""
    size = shares.shape[1]
    met = (np.arange(2**size)[:, None] >> np.arange(size) & 1).astype(np.float64)
    weights = [math.factorial(s) * math.factorial(size - 1 - s) / math.factorial(size) for s in range(size)]
    rows = np.empty((len(values), 2**size, size))
    for j in range(size):
        subsets = np.zeros((size, len(values), 2**size))  # by the number of columns taken from S
        subsets[0] = 1.0
        for k in (k for k in range(size) if k != j):
            subsets[1:] = subsets[1:] * shares[:, k, None] + subsets[:-1] * met[:, k]
            subsets[0] *= shares[:, k, None]
        rows[:, :, j] = np.tensordot(weights, subsets, 1) * (met[:, j] - shares[:, j, None]) * values[:, None]
    return rows

"""TreeSHAP by lookup: what each tree contributes, tabulated for every way a lead can go at its nodes.

For a leaf with value v and d different columns on its path, column j adds

    v · (o_j − z_j) · Σ_S |S|! (d − |S| − 1)! / d! · Π_{k∈S} o_k · Π_{k∉S} z_k        over S without j,

where o_k says whether the lead meets the path's conditions on column k and z_k is the share of training leads
that does (Lundberg et al. 2020). A tree is cut into branches of a few nodes each, and a branch is a table: for each
of the 2^q outcomes of its q split rules, what its leaves add up to. A rule is applied once for all trees that hold it.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stats.types import Matrix
from training.models.block_kernels import explain_blocks
from training.models.numba_kernels import add_leaf, explain_trees

BLOCKS_FROM = 8
"""So many leads are explained in blocks; fewer are quicker one by one."""

MOST_NODES = 8
"""A branch has no more, because its table doubles with each; so the longest path may not have more either."""

_TREE = re.compile(r"^Tree=\d+\n(.*?)\n\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """The condition of a path on one column: the branch's nodes in `mask` go left exactly where `left` says."""

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


@dataclass(frozen=True)
class SplitRule:
    """LightGBM's `decision_type` and `threshold`; for a category, the bit words of those that go left."""

    column: int
    decision: int
    threshold: float
    words: tuple[int, ...] = ()


@dataclass(frozen=True)
class Branch:
    """The leaves of a part of a tree, and the q split rules on their paths."""

    rules: tuple[SplitRule, ...]
    leaves: tuple[Leaf, ...]

    @property
    def columns(self) -> list[int]:
        """The columns of its rules, each once."""
        return sorted({rule.column for rule in self.rules})

    def table(self, rows: Iterator[Matrix]) -> Matrix:
        """For each outcome (2^q,), what is added to the raw score, then to each column.

        `rows` are the SHAP values of each leaf.
        """
        place = {column: 1 + number for number, column in enumerate(self.columns)}
        table = np.zeros((2 ** len(self.rules), 1 + len(place)))
        for leaf in self.leaves:
            conditions = [(condition.mask, condition.left, place[condition.column]) for condition in leaf.conditions]
            add_leaf(table, leaf.value, next(rows), np.array(conditions, dtype=np.int64).reshape(-1, 3))
        return table


class Tree:
    """One tree of LightGBM's text format."""

    def __init__(self, text: str) -> None:
        parts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

        def whole(name: str) -> list[int]:
            return list(map(int, parts.get(name, "").split()))

        self.left, self.right = whole("left_child"), whole("right_child")
        self.value = list(map(float, parts["leaf_value"].split()))
        self.count, self.leaf_count = whole("internal_count"), whole("leaf_count")
        thresholds = map(float, parts.get("threshold", "").split())
        words, bounds = whole("cat_threshold"), whole("cat_boundaries")
        self.rules = []
        for column, decision, threshold in zip(whole("split_feature"), whole("decision_type"), thresholds, strict=True):
            if decision & 1:  # of categories the threshold is the place of their words
                start, end = bounds[int(threshold) : int(threshold) + 2]
                self.rules.append(SplitRule(column, decision, 0.0, tuple(words[start:end])))
            else:
                self.rules.append(SplitRule(column, decision, threshold))

    def branches(self) -> Iterator[Branch]:
        """The whole tree, cut where a branch would have too many nodes."""
        return self._cut(0 if self.rules else -1, (), {})

    def _cut(self, node: int, above: tuple[int, ...], path: Mapping[int, Condition]) -> Iterator[Branch]:
        below = self._below(node)
        if below and len(above) + len(below) > MOST_NODES:
            for child, met in self._children(node, path, len(above)):
                yield from self._cut(child, (*above, node), met)
            return
        nodes = (*above, *below)
        leaves = self._leaves(node, path, {one: bit for bit, one in enumerate(nodes)})
        yield Branch(tuple(self.rules[one] for one in nodes), tuple(leaves))

    def _below(self, node: int) -> list[int]:
        return [] if node < 0 else [node, *self._below(self.left[node]), *self._below(self.right[node])]

    def _leaves(self, node: int, path: Mapping[int, Condition], bit_of: Mapping[int, int]) -> Iterator[Leaf]:
        if node < 0:
            yield Leaf(self.value[~node], tuple(path.values()))
            return
        for child, met in self._children(node, path, bit_of[node]):
            yield from self._leaves(child, met, bit_of)

    def _children(
        self, node: int, path: Mapping[int, Condition], bit: int
    ) -> Iterator[tuple[int, Mapping[int, Condition]]]:
        """Both children, each with its path; `bit` stands for the node in its conditions."""
        column = self.rules[node].column
        before = path.get(column, Condition(column, 0, 0, 1.0))
        for child, left in ((self.left[node], 1), (self.right[node], 0)):
            count = self.leaf_count[~child] if child < 0 else self.count[child]
            share = before.share * count / self.count[node]
            yield child, {**path, column: Condition(column, before.mask | 1 << bit, before.left | left << bit, share)}


@dataclass(frozen=True)
class LeafTables:
    """All trees as flat arrays, in the order in which the kernel takes them."""

    base_value: float
    columns: int
    rules: tuple[NDArray[np.generic], ...]
    branches: tuple[NDArray[np.generic], ...]
    table: NDArray[np.float64]

    def explain(self, X: Matrix) -> tuple[NDArray[np.float64], Matrix]:
        """The raw score (n,) and the SHAP values (n, d), for a matrix (n, d)."""
        raw, shap_values = np.zeros(len(X)), np.zeros((len(X), self.columns))
        explain = explain_trees if len(X) < BLOCKS_FROM else explain_blocks
        explain(X, raw, shap_values, *self.rules, *self.branches, self.table)
        return raw, shap_values

    def raw_score(self, X: Matrix) -> NDArray[np.float64]:
        """The raw score (n,) for a matrix (n, d), added up in LightGBM's order."""
        raw = np.zeros(len(X))
        explain_blocks(X, raw, np.zeros((0, self.columns)), *self.rules, *self.branches, self.table)
        return raw


def tabulate(model: str, columns: int) -> LeafTables | None:
    """Tabulate a model in LightGBM's text format; None where a path is too long for it."""
    branches = [branch for text in _TREE.findall(model) for branch in Tree(text).branches()]
    if max((len(branch.rules) for branch in branches), default=0) > MOST_NODES:
        return None
    distinct = dict.fromkeys(rule for branch in branches for rule in branch.rules)
    number = {rule: number for number, rule in enumerate(distinct)}
    rows = iter(_leaf_values([leaf for branch in branches for leaf in branch.leaves]))
    tables = [branch.table(rows) for branch in branches]
    return LeafTables(
        base_value=math.fsum(leaf.value * leaf.share for branch in branches for leaf in branch.leaves),
        columns=columns,
        rules=_flatten_rules(list(distinct)),
        branches=(
            _ends([len(branch.rules) for branch in branches]),
            np.array([number[one] for branch in branches for one in branch.rules], dtype=np.uint32),
            _ends([len(branch.columns) for branch in branches]),
            np.array([column for branch in branches for column in branch.columns], dtype=np.uint32),
            _ends([table.size for table in tables]),
        ),
        table=np.concatenate([np.zeros(0), *(table.ravel() for table in tables)]),
    )


def _ends(sizes: Sequence[int]) -> NDArray[np.uint64]:
    return np.cumsum([0, *sizes], dtype=np.uint64)


def _flatten_rules(rules: Sequence[SplitRule]) -> tuple[NDArray[np.generic], ...]:
    """For each rule: column, decision, threshold, and where its words begin; all words."""
    return (
        np.array([rule.column for rule in rules], dtype=np.uint32),
        np.array([rule.decision for rule in rules], dtype=np.int64),
        np.array([rule.threshold for rule in rules], dtype=np.float64),
        _ends([len(rule.words) for rule in rules]),
        np.array([word for rule in rules for word in rule.words], dtype=np.int64),
    )


def _leaf_values(leaves: Sequence[Leaf]) -> list[Matrix]:
    """The SHAP values (2^d, d) of each leaf; leaves with as many conditions are computed together."""
    rows: list[Matrix] = [np.zeros((1, 0))] * len(leaves)
    sizes = np.array([len(leaf.conditions) for leaf in leaves], dtype=np.intp)
    for size in np.unique(sizes[sizes > 0]).tolist():
        same = np.flatnonzero(sizes == size).tolist()
        shares = np.array([[condition.share for condition in leaves[leaf].conditions] for leaf in same])
        values = np.array([leaves[leaf].value for leaf in same])
        for leaf, parts in zip(same, _shap_values(values, shares), strict=True):
            rows[leaf] = parts
    return rows


def _shap_values(values: NDArray[np.float64], shares: Matrix) -> NDArray[np.float64]:
    """The SHAP values (leaves, 2^d, d) of leaves, from values (leaves,) and shares (leaves, d)."""
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

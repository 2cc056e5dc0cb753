"""The loops of a scored lead, compiled: arrays in, sums added to `raw` (n,) and `parts` (n, d) in place.

The only place that needs numba. Where it is missing, `training.trees` and `training.additive` do the same sums
with LightGBM and numpy, many times slower.
"""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def explain_additive(X, raw, parts, intercept, column, bounds, knots, values, missing, mean):  # type: ignore[no-untyped-def]
    """Interpolate each term between its knots, flat beyond them."""
    for row in range(len(X)):
        raw[row] += intercept
        for term in range(len(column)):
            x = X[row, column[term]]
            first, last = bounds[term], bounds[term + 1] - 1
            if np.isnan(x):
                part = missing[term]
            elif x <= knots[first]:
                part = values[first]
            elif x >= knots[last]:
                part = values[last]
            else:
                at = first + np.searchsorted(knots[first : last + 1], x, side="right") - 1
                slope = (values[at + 1] - values[at]) / (knots[at + 1] - knots[at])
                part = slope * (x - knots[at]) + values[at]
            raw[row] += part
            parts[row, column[term]] += part - mean[term]


@numba.njit(cache=True, nogil=True)
def _goes_left(value, threshold, decision, start, length, words):  # type: ignore[no-untyped-def]
    """LightGBM's own rule; bit 0 of `decision`: category, bit 1: missing goes left, bits 2 and 3: what is missing."""
    if decision & 1:
        if not -1 < value < 32 * length:
            return False
        category = np.int64(value)
        return (words[start + (category >> 5)] >> (category & 31)) & 1 == 1
    missing = decision >> 2 & 3
    if np.isnan(value):
        if missing == 2:
            return decision & 2 != 0
        value = 0.0
    if missing == 1 and abs(value) <= 1e-35:
        return decision & 2 != 0
    return value <= threshold


@numba.njit(cache=True, nogil=True)
def explain_trees(  # type: ignore[no-untyped-def]
    X, raw, parts,
    tree_nodes, tree_leaves,
    node_column, node_threshold, node_decision, node_start, node_length, words,
    leaf_value, leaf_conditions, leaf_table,
    condition_column, condition_mask, condition_left,
    table,
):  # fmt: skip
    """Note which nodes send the lead left, then look up every leaf's row for the conditions that hold."""
    one = np.uint64(1)
    for row in range(len(X)):
        for tree in range(len(tree_nodes) - 1):
            first = tree_nodes[tree]
            left = np.uint64(0)
            for node in range(first, tree_nodes[tree + 1]):
                if _goes_left(
                    X[row, node_column[node]], node_threshold[node], node_decision[node],
                    node_start[node], node_length[node], words,
                ):  # fmt: skip
                    left |= one << np.uint64(node - first)
            for leaf in range(tree_leaves[tree], tree_leaves[tree + 1]):
                begin, end = leaf_conditions[leaf], leaf_conditions[leaf + 1]
                pattern = 0
                for condition in range(begin, end):
                    if left & condition_mask[condition] == condition_left[condition]:
                        pattern |= 1 << (condition - begin)
                if pattern == (1 << (end - begin)) - 1:
                    raw[row] += leaf_value[leaf]
                at = leaf_table[leaf] + pattern * (end - begin)
                for condition in range(begin, end):
                    parts[row, condition_column[condition]] += table[at + condition - begin]

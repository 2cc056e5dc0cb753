"""Compiled loops that score and explain leads: they add to `raw` (n,) and `shap_values` (n, d) in place.

The only place that needs numba. Where it is missing, `training.models.merged_trees` and `training.models.additive` do
the same sums with LightGBM and numpy, many times slower.
"""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def explain_additive(X, raw, shap_values, intercept, column, bounds, knots, values, missing, mean):  # type: ignore[no-untyped-def]
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
            shap_values[row, column[term]] += part - mean[term]


@numba.njit(cache=True, nogil=True)
def look_up_crosses(  # type: ignore[no-untyped-def]
    X, rates, columns, sizes, is_category, edge_bounds, edges, cross_bounds, crossed, rate_bounds, rate_of
):  # fmt: skip
    """Set `rates` (n, k) to the rate of each lead's cell in each cross."""
    bins = np.empty(len(columns), dtype=np.int64)
    for row in range(len(X)):
        for number in range(len(columns)):
            x = X[row, columns[number]]
            first, last = edge_bounds[number], edge_bounds[number + 1]
            if np.isnan(x):
                bins[number] = 0
            elif is_category[number]:
                bins[number] = 1 + np.int64(x)
            else:
                bins[number] = 1 + np.searchsorted(edges[first:last], x, side="right")
        for number in range(len(cross_bounds) - 1):
            cell = 0
            for place in range(cross_bounds[number], cross_bounds[number + 1]):
                cell = cell * sizes[crossed[place]] + bins[crossed[place]]
            rates[row, number] = rate_of[rate_bounds[number] + cell]


@numba.njit(cache=True, nogil=True)
def _goes_left(value, decision, threshold, words):  # type: ignore[no-untyped-def]
    """LightGBM's own rule; bit 0 of `decision`: category, bit 1: missing goes left, bits 2 and 3: what is missing."""
    if decision & 1:
        if not -1 < value < 32 * len(words):
            return False
        category = np.int64(value)
        return (words[category >> 5] >> (category & 31)) & 1 == 1
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
    X, raw, shap_values,
    column_of, decision, threshold, first_word, words,
    first_rule, rule, first_column, column, first_row, table,
):  # fmt: skip
    """Apply every split rule once, then look up what each branch adds, given the outcomes of its own.

    Indices are unsigned, because numba checks whether a signed one counts from the end.
    """
    one = np.uint64(1)
    left = np.empty(len(column_of), dtype=np.uint64)
    for row in range(len(X)):
        lead, of_lead, score = X[row], shap_values[row], 0.0
        for number in range(len(left)):
            categories = words[first_word[number] : first_word[number + 1]]
            left[number] = _goes_left(lead[column_of[number]], decision[number], threshold[number], categories)
        for branch in range(len(first_rule) - 1):
            outcomes = bit = np.uint64(0)
            for place in range(first_rule[branch], first_rule[branch + 1]):
                outcomes |= left[rule[place]] << bit
                bit += one
            start, end = first_column[branch], first_column[branch + 1]
            at = first_row[branch] + outcomes * (one + end - start)
            score += table[at]
            for place in range(start, end):
                at += one
                of_lead[column[place]] += table[at]
        raw[row] += score


@numba.njit(cache=True, nogil=True)
def add_leaf(table, value, rows, conditions):  # type: ignore[no-untyped-def]
    """Add a leaf to the rows of its branch, `conditions` (d, 3) being mask, left and the index of the column."""
    for outcomes in range(len(table)):
        pattern = 0
        for bit in range(len(conditions)):
            if outcomes & conditions[bit, 0] == conditions[bit, 1]:
                pattern |= 1 << bit
        if pattern == (1 << len(conditions)) - 1:
            table[outcomes, 0] += value
        for bit in range(len(conditions)):
            table[outcomes, conditions[bit, 2]] += rows[pattern, bit]

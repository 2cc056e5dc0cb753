"""The compiled loop that scores and explains many leads: a block of them passes each branch together.

A branch's table then stays in the processor's nearest cache, and what is the same for all leads of a block is done at
once. The sums are added in the order of `training.models.numba_kernels`, so both give the same numbers to the last bit.
"""

import numba
import numpy as np

BLOCK = 64
"""Leads a block: one row of outcomes is one line of the cache."""

_NO_CATEGORY = 2**31 - 1


@numba.njit(cache=True, nogil=True)
def _apply_numeric_rule(left, values, decision, threshold):  # type: ignore[no-untyped-def]
    """Fill `left` (block,) by LightGBM's rule for numbers (`numba_kernels._goes_left`)."""
    missing, default = decision >> 2 & 3, np.uint8(decision >> 1 & 1)
    for place in range(BLOCK):
        value = values[place]
        is_nan = np.isnan(value)
        if missing == 2 and is_nan:
            left[place] = default
            continue
        value = 0.0 if is_nan else value
        left[place] = default if missing == 1 and abs(value) <= 1e-35 else np.uint8(value <= threshold)


@numba.njit(cache=True, nogil=True)
def _apply_category_rule(left, codes, words):  # type: ignore[no-untyped-def]
    """Fill `left` (block,): which of the categories (block,) have their bit set."""
    for place in range(BLOCK):
        word = codes[place] >> 5
        left[place] = np.uint8(words[word] >> (codes[place] & 31) & 1) if word < len(words) else np.uint8(0)


@numba.njit(cache=True, nogil=True)
def _apply_rules(left, by_column, codes, column_of, decision, threshold, first_word, words):  # type: ignore[no-untyped-def]
    """Fill `left` (rules, block) for the leads of a block, given as columns (d, block)."""
    for column in range(len(by_column)):
        for place in range(BLOCK):
            value = by_column[column, place]
            codes[column, place] = np.int32(value) if -1 < value < _NO_CATEGORY else np.int32(_NO_CATEGORY)
    for number in range(len(column_of)):
        column = column_of[number]
        if decision[number] & 1:
            categories = words[first_word[number] : first_word[number + 1]]
            _apply_category_rule(left[number], codes[column], categories)
        else:
            _apply_numeric_rule(left[number], by_column[column], decision[number], threshold[number])


@numba.njit(cache=True, nogil=True)
def _add_branch(score, parts, outcomes, left, rules, columns, table):  # type: ignore[no-untyped-def]
    """Add a branch's table to `score` (block,) and, of the `columns` that are wanted, to `parts` (d, block)."""
    outcomes.fill(0)
    for bit in range(len(rules)):
        goes_left = left[rules[bit]]
        for place in range(BLOCK):
            outcomes[place] |= goes_left[place] << np.uint8(bit)
    width = np.int64(table.size >> len(rules))  # of a row of the table: one for the score, one a column
    for place in range(BLOCK):
        score[place] += table[np.int64(outcomes[place]) * width]
    for number in range(len(columns)):
        of_column, offset = parts[columns[number]], np.int64(1 + number)
        for place in range(BLOCK):
            of_column[place] += table[np.int64(outcomes[place]) * width + offset]


@numba.njit(cache=True, nogil=True)
def explain_blocks(  # type: ignore[no-untyped-def]
    X, raw, shap_values,
    column_of, decision, threshold, first_word, words,
    first_rule, rule, first_column, column, first_row, table,
):  # fmt: skip
    """Add to `raw` (n,) and `shap_values` (n, d) as `numba_kernels.explain_trees`; (0, d) of these asks for none."""
    columns = X.shape[1]
    left = np.empty((len(column_of), BLOCK), dtype=np.uint8)
    by_column, parts = np.zeros((columns, BLOCK)), np.zeros((columns, BLOCK))
    codes, outcomes = np.zeros((columns, BLOCK), dtype=np.int32), np.zeros(BLOCK, dtype=np.uint8)
    score, none = np.zeros(BLOCK), column[:0]
    for start in range(0, len(X), BLOCK):
        leads = min(BLOCK, len(X) - start)
        for place in range(leads):
            for number in range(columns):
                by_column[number, place] = X[start + place, number]
        _apply_rules(left, by_column, codes, column_of, decision, threshold, first_word, words)
        score.fill(0.0)
        parts.fill(0.0)
        for branch in range(len(first_rule) - 1):
            rules = rule[first_rule[branch] : first_rule[branch + 1]]
            wanted = column[first_column[branch] : first_column[branch + 1]] if len(shap_values) else none
            rows = table[np.int64(first_row[branch]) : np.int64(first_row[branch + 1])]
            _add_branch(score, parts, outcomes, left, rules, wanted, rows)
        for place in range(leads):
            raw[start + place] += score[place]
            for number in range(columns if len(shap_values) else 0):
                shap_values[start + place, number] += parts[number, place]

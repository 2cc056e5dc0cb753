"""Whether one way is better than another on blocks of leads that follow each other in time."""

from collections.abc import Sequence

import numpy as np

from stats.types import Vector

BEYOND_NOISE = 1.645
"""So many standard errors are beyond noise, for one block (one-sided 5 %)."""
LAST_BLOCKS = 2


def is_better_on_most_blocks(gains: Vector, sizes: Sequence[int]) -> bool:
    """Whether the gains of leads (n,) are beyond noise on more than half of the blocks, and above zero on the last two.

    `sizes` are those of the blocks, in order. One block may gain much by chance: the level of a world that wanders
    happens to go where a choice expects it. Most blocks do not; and where the world has turned, the last ones lose.

    >>> bool(is_better_on_most_blocks(np.array([0.3, 0.2, 0.4, 0.3, -0.1, 0.2]), (2, 2, 2)))
    True
    >>> bool(is_better_on_most_blocks(np.array([3.0, 3.1, 0.4, -0.4, -0.1, 0.2]), (2, 2, 2)))
    False
    """
    blocks = np.split(gains, np.cumsum(sizes)[:-1])
    clear = sum(_is_above_zero(block) for block in blocks)
    return clear > len(blocks) / 2 and all(block.mean() > 0 for block in blocks[-LAST_BLOCKS:])


def _is_above_zero(gains: Vector) -> bool:
    return len(gains) > 1 and bool(gains.mean() > BEYOND_NOISE * gains.std(ddof=1) / np.sqrt(len(gains)))

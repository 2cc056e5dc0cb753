"""Which leads a model has learned from, kept without their ids: lead ids in, sorted 64-bit hashes out.

The gate compares a challenger with the champion only on leads that the champion has not seen.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


def lead_hashes(lead_ids: Iterable[object]) -> Hashes:
    """The ids' hashes, sorted (n,)."""
    return np.sort(_hashes(lead_ids))


def unseen(lead_ids: Iterable[object], learned: Hashes) -> NDArray[np.bool_]:
    """For each id (n,), whether it is not among the hashes `learned`, which are sorted."""
    hashes = _hashes(lead_ids)
    places = np.searchsorted(learned, hashes)
    return np.append(learned, np.uint64(0))[places] != hashes if len(learned) else np.ones(len(hashes), dtype=bool)


def _hashes(lead_ids: Iterable[object]) -> Hashes:
    digests = b"".join(hashlib.blake2b(str(lead_id).encode(), digest_size=8).digest() for lead_id in lead_ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)

"""Which leads a model was trained on, kept as sorted 64-bit hashes instead of their ids.

The promotion gate compares a challenger with the champion only on leads that the champion was not trained on.
"""

import hashlib
from collections.abc import Iterable

import numpy as np

from stats.types import Hashes, Mask


def hash_leads(lead_ids: Iterable[object]) -> Hashes:
    """The hashes (n,) of lead ids, sorted."""
    return np.sort(_hash_each(lead_ids))


def is_unseen(lead_ids: Iterable[object], training_hashes: Hashes) -> Mask:
    """For each id (n,), whether it is not among the hashes of the training leads, which are sorted."""
    hashes = _hash_each(lead_ids)
    if not len(training_hashes):
        return np.ones(len(hashes), dtype=bool)
    places = np.searchsorted(training_hashes, hashes)
    found = np.append(training_hashes, np.uint64(0))[places]
    return found != hashes


def _hash_each(lead_ids: Iterable[object]) -> Hashes:
    digests = b"".join(hashlib.blake2b(str(lead_id).encode(), digest_size=8).digest() for lead_id in lead_ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)

"""Many times at once as the texts that the databases keep and ids are made of."""

import pyarrow as pa
import pyarrow.compute as pc

from stats.types import Times

Texts = list[str | None]


def plain_texts(times: Times) -> Texts:
    """As SQLite keeps times (n,): 2026-11-29 09:30:00.000000, in UTC; None for none."""
    return _to_list(pc.cast(pa.array(times), pa.string()))


def zoned_texts(times: Times) -> Texts:
    """As PostgreSQL reads times (n,), whatever its own zone; None for none."""
    return _to_list(_joined(pc.cast(pa.array(times), pa.string())))


def iso_texts(times: Times) -> Texts:
    """As `datetime.isoformat` writes times (n,) in UTC, a fraction of a second only where there is one."""
    exact = pa.array(times)
    whole = pa.array(times.astype("datetime64[s]"))
    is_whole = pa.array(times == times.astype("datetime64[s]"))
    texts = pc.if_else(is_whole, pc.cast(whole, pa.string()), pc.cast(exact, pa.string()))
    return _to_list(_joined(pc.replace_substring(texts, " ", "T")))


def _joined(texts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(texts, "+00:00", "")


def _to_list(texts: pa.Array) -> Texts:
    found: Texts = texts.to_numpy(zero_copy_only=False).tolist()
    return found

"""A body as it was before its sender packed it: `Content-Encoding: gzip` is read, any other is refused by name."""

import zlib
from collections.abc import Callable

from serving.errors import CodingBroken, CodingUnknown

GZIP = 16 + zlib.MAX_WBITS
"""For zlib: with gzip's head."""

Unpack = Callable[[bytes, int], bytes]


def unpacker(content_encoding: str | None) -> Unpack:
    """What turns the bytes that came into those that were meant, and stops one byte past `most`.

    Raises:
        CodingUnknown: for another coding, or several.
    """
    coding = (content_encoding or "").strip().lower()
    if coding in ("", "identity"):
        return _as_it_is
    if coding in ("gzip", "x-gzip"):
        return _gunzip
    raise CodingUnknown("send the body as it is, or in gzip", headers={"Accept-Encoding": "gzip, identity"})


def _as_it_is(body: bytes, most: int) -> bytes:  # noqa: ARG001 - an `Unpack` as the others
    return body


def _gunzip(body: bytes, most: int) -> bytes:
    """One gzip member, and no more of it than one byte too many: a kilobyte may unpack to a megabyte."""
    member = zlib.decompressobj(GZIP)
    try:
        unpacked = member.decompress(body, most + 1)
    except zlib.error:
        raise CodingBroken("the body says that it is gzip, and is not") from None
    if len(unpacked) <= most and (not member.eof or member.unused_data):
        raise CodingBroken("the gzip body breaks off, or more follows it")
    return unpacked

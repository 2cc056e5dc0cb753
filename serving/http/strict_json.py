"""A request's body as plain data: bytes in, JSON out, or a refusal that says where it breaks.

Python's usual JSON parsers take NaN and let the last of two equal keys win; here both are refused.
"""

import codecs
import json
import math
import re
from collections.abc import Iterator

from fastapi import Request
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from features.errors import FieldProblem
from serving.errors import BodyTooLarge, JsonBroken, NotJson, refuse_body
from serving.http.content_coding import unpacker
from serving.schemas.wording import explain_json
from serving.settings import Settings

LARGE_BODY = 64_000
"""Bytes from which parsing would hold up other requests noticeably."""
_SHOWN_KEY = 60
"""Characters of a key that an answer repeats."""

_KEY = re.compile(rb'"[ \t\r\n]*:')


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request that says it is JSON, as `read_bytes` reads it; raises `NotJson` for another one."""
    _check_content_type(request.headers.get("content-type"))
    return await read_bytes(request, most)


async def read_bytes(request: Request, most: int) -> bytes:
    """The body of a request, out of gzip where it came so.

    Raises:
        CodingUnknown, CodingBroken: where it came packed otherwise, or not as it says.
        BodyTooLarge: once it has more than `most` bytes, packed or not; the rest is not read.
    """
    unpack = unpacker(request.headers.get("content-encoding"))
    chunks, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        chunks.append(chunk)
    body = unpack(b"".join(chunks), most)
    if len(body) > most:
        raise _too_large(most)
    return body


async def read_json(request: Request, settings: Settings) -> object:
    """The body as plain data, as `parse_json` gives it; its bytes stay in `request.state.body`."""
    body = await read_body(request, settings.max_body_bytes)
    request.state.body = body
    return parse_json(body) if len(body) < LARGE_BODY else await run_in_threadpool(parse_json, body)


def parse_json(body: bytes) -> object:
    """Parse a body once.

    Raises:
        JsonBroken: with the position, for what is no JSON; for an empty body; for a key twice in one object.
        RequestRefused: for data nested deeper than the parser goes.
    """
    try:
        data = from_json(body.removeprefix(codecs.BOM_UTF8), allow_inf_nan=False)
    except ValueError as error:
        raise _explain(body, str(error)) from None
    if len(_KEY.findall(body)) != _count_keys(
        data
    ):  # more than the keys only where a text looks like a key, or one is lost
        json.loads(body, object_pairs_hook=_check_unique)
    return data


def find_excesses(
    data: object, settings: Settings, path: tuple[str | int, ...] = (), depth: int = 0
) -> Iterator[FieldProblem]:
    """What is nested too deep, too long, or no finite number, below `path`."""
    if depth > settings.max_nesting:
        yield FieldProblem(path, f"nested too deep; at most {settings.max_nesting} levels are read")
        return
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):  # type: ignore[arg-type]
        kind = type(value)
        if type(key) is str and len(key) > settings.max_text:
            yield FieldProblem(path, f"a name here is too long; at most {settings.max_text:,} characters are read")
        elif kind is str and len(value) > settings.max_text:
            yield FieldProblem((*path, key), f"too long; at most {settings.max_text:,} characters are read")
        elif kind is float and not math.isfinite(value):
            yield FieldProblem((*path, key), "the number is too large")
        elif kind is dict or kind is list:
            yield from find_excesses(value, settings, (*path, key), depth + 1)


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"a body may have at most {most:,} bytes", headers={"Connection": "close"})


def _check_content_type(header: str | None) -> None:
    kind, _, parameters = (header or "").lower().partition(";")
    kind = kind.strip()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise NotJson("send the header Content-Type: application/json")
    charset = parameters.partition("charset=")[2].strip().strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise NotJson("send the body in UTF-8")


def _explain(body: bytes, told: str) -> Exception:
    if told.startswith("recursion limit"):
        return refuse_body([FieldProblem((), "nested too deep")])
    return JsonBroken(explain_json(body, told))


def _count_keys(data: object) -> int:
    """How many keys the objects in the data have, together."""
    if isinstance(data, dict):
        return len(data) + sum(_count_keys(value) for value in data.values() if isinstance(value, dict | list))
    if isinstance(data, list):
        return sum(map(_count_keys, data))
    return 0


def _check_unique(pairs: list[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise JsonBroken(f"the key {twice[:_SHOWN_KEY]!r} stands more than once in one object")

"""Whose page a browser's request comes from."""

from urllib.parse import urlsplit

from fastapi import Request


def is_cross_origin(request: Request) -> bool:
    """Whether the request says that it was made by a page of another host or port than it was sent to."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")

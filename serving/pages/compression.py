"""Pages and files packed by gzip for clients that take it.

Only what reflects nothing that another site could choose is packed: a page's size would else tell of the secrets in it
(Gluck, Harris and Prado 2013, BREACH).
"""

import gzip
from functools import lru_cache
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse

LEAST_BYTES = 1_000
LEVEL = 6
PACKED_FILES = frozenset({".css", ".js", ".svg"})


def pack(answer: Response, request: Request) -> Response:
    """The same answer, packed where the client takes gzip and it is worth it."""
    answer.headers.add_vary_header("Accept-Encoding")
    if accepts_gzip(request.headers.get("accept-encoding", "")) and len(answer.body) >= LEAST_BYTES:
        answer.body = gzip.compress(answer.body, LEVEL, mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer


def pack_file(answer: FileResponse, accept_encoding: str) -> Response:
    """A file of ours in the same way, packed once."""
    path = Path(answer.path)
    if path.suffix not in PACKED_FILES:
        return answer
    answer.headers.add_vary_header("Accept-Encoding")
    if not accepts_gzip(accept_encoding):
        return answer
    headers = {name: value for name, value in answer.headers.items() if name not in ("content-length", "accept-ranges")}
    headers |= {"content-encoding": "gzip", "etag": f"W/{answer.headers['etag']}"}
    return Response(_packed(path), answer.status_code, headers)


def accepts_gzip(accept_encoding: str) -> bool:
    """What the header says of gzip, or of any coding (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            weights[coding.strip()] = float(weight) if name == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0


@lru_cache
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)

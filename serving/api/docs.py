"""The API described: the OpenAPI document, and /docs, which shows it by Swagger UI from our own files."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from serving.auth.gate import ANY, KeyedRoute, needs
from serving.middleware.security_headers import CONTENT_SECURITY_POLICY, with_security_headers

OURS = Path(__file__).parents[1] / "static"
FILES = {
    "swagger-ui.css": Path(swagger_ui_path),
    "swagger-ui-bundle.js": Path(swagger_ui_path),
    "docs.css": OURS,
    "docs.js": OURS,
    "icon.svg": OURS,
}
POLICY = CONTENT_SECURITY_POLICY.replace("img-src 'self'", "img-src 'self' data:")
"""Swagger UI's style sheet brings its arrows along as data."""

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API · Lead scoring</title>
  <link rel="icon" href="docs/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="docs/swagger-ui.css">
  <link rel="stylesheet" href="docs/docs.css">
</head>
<body>
  <main id="docs"></main>
  <noscript>This page needs script; the document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script src="docs/docs.js"></script>
</body>
</html>
"""

router = APIRouter(route_class=KeyedRoute, include_in_schema=False)
files = APIRouter(prefix="/docs", include_in_schema=False)


@router.get("/openapi.json")
@needs(*ANY, "feed", by="either")
async def document(request: Request) -> dict[str, Any]:
    """The OpenAPI document, with examples of the champion of this moment."""
    return request.app.openapi()


@router.get("/docs")
@needs(*ANY, "feed", by="either")
async def page() -> Response:
    """The document as a page that can try each route."""
    return with_security_headers(HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY}))


@files.get("/{name}")
async def file(name: str) -> Response:
    """What the page is made of."""
    if name not in FILES:
        raise HTTPException(404)
    return FileResponse(FILES[name] / name, headers={"X-Content-Type-Options": "nosniff"})


router.include_router(files)

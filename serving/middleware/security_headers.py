"""What a browser is told about a page: nothing of another site, no inline script, no frame, nothing kept."""

from typing import TypeVar

from fastapi.responses import Response

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""For a page with leads. What is under /static may be kept and takes only `nosniff`."""

Page = TypeVar("Page", bound=Response)


def with_security_headers(page: Page) -> Page:
    """The same page with these headers; what it says about itself already stays."""
    for name, value in HEADERS.items():
        page.headers.setdefault(name, value)
    return page

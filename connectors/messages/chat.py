"""A message to a channel of a chat, by an incoming webhook as Slack has them, which Mattermost takes too."""

import ssl
from urllib.parse import urlsplit

import httpx2

from connectors.messages.errors import NotSent

SECONDS = 30.0
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape(text: str) -> str:
    """Text in which nothing is taken for a link or a name."""
    return text.translate(ESCAPES)


def post_message(url: str, text: str, trust: ssl.SSLContext) -> None:
    """Post it; the URL is a secret, so that no error names more than its host.

    Raises:
        NotSent: where the answer is anything but 2xx.
    """
    where = f"the webhook at {urlsplit(url).hostname}"
    try:
        answer = httpx2.post(url, json={"text": text}, timeout=SECONDS, verify=trust, follow_redirects=False)
    except httpx2.TransportError as error:
        raise NotSent(f"{where} cannot be reached ({type(error).__name__})") from None
    if not answer.is_success:
        raise NotSent(f"{where} answered {answer.status_code}; is LEADS_REPORT_WEBHOOK still valid?")

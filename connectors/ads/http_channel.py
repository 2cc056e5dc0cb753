"""One batch over HTTP: a platform's call made, its answer read, and every way in which it can fail told apart."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import httpx2

from connectors.ads.lead import State, Statement
from connectors.http_failures import NotTaken, check_status

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Call:
    """A POST to be made; its headers hold a token, its body personal data."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one statement; `request_id` is what the platform's support asks for."""

    state: State
    request_id: str = ""
    trouble: str = ""

    @classmethod
    def confirmed(cls, request_id: str) -> Self:
        """Taken for good."""
        return cls("confirmed", request_id)

    @classmethod
    def refused(cls, trouble: str, request_id: str) -> Self:
        """Not taken, and why."""
        return cls("refused", request_id, trouble)

    @classmethod
    def unclear(cls) -> Self:
        """Answered, but not so that it is clear what was taken: it is sent again under the same id."""
        return cls("pending", "", "the answer does not say what was taken")


class Channel(Protocol):
    """Where batches go."""

    most: int
    one_spoils_all: bool

    def send(self, statements: Sequence[Statement]) -> Sequence[Answer]:
        """Send one batch; raises `NotTaken`, `BatchRefused` or `AccessRefused`."""


class HttpPlatform(Protocol):
    """A platform that is told over HTTP."""

    most: int
    one_spoils_all: bool

    def call(self, statements: Sequence[Statement]) -> Call:
        """The request that tells these statements."""

    def read_answer(self, answer: Mapping[str, object], count: int) -> list[Answer]:
        """What became of each statement."""


class HttpChannel:
    """Makes a platform's calls; a redirect is not followed, for a token must not travel elsewhere."""

    def __init__(self, platform: HttpPlatform, timeout: float = TIMEOUT_SECONDS) -> None:
        self._platform, self.most, self.one_spoils_all = platform, platform.most, platform.one_spoils_all
        self._client = httpx2.Client(timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def send(self, statements: Sequence[Statement]) -> Sequence[Answer]:
        """Send one batch."""
        call = self._platform.call(statements)
        try:
            answer = self._client.post(call.url, headers=dict(call.headers), content=call.body)
            content = _read_json(answer) if answer.is_success else {}
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise NotTaken(f"no whole answer ({type(error).__name__})") from None
        check_status(answer.status_code, answer.headers.get("retry-after"))
        return self._platform.read_answer(content, len(statements))


def _read_json(answer: httpx2.Response) -> Mapping[str, object]:
    try:
        content = answer.json()
    except ValueError:
        raise NotTaken("an answer that is no JSON") from None
    return content if isinstance(content, dict) else {}


def multipart(name: str, filename: str, text: str) -> tuple[str, bytes]:
    """The content type and body of a form with one CSV file."""
    boundary = secrets.token_hex(16)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    body = f"{head}Content-Type: text/csv\r\n\r\n{text}\r\n--{boundary}--\r\n"
    return f"multipart/form-data; boundary={boundary}", body.encode()

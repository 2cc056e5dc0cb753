"""Google's Data Manager over its API, by the official client: tried first (`validateOnly`), then sent.

What was sent counts as confirmed once Google says so (`requestStatus`), minutes later: the next export asks.
"""

from collections.abc import Sequence
from typing import Any

from connectors.ads.config import AdsRefused
from connectors.ads.data_manager import BUCKETS, DataManager
from connectors.ads.http_channel import Answer
from connectors.ads.lead import Statement
from connectors.http_failures import AccessRefused, NotTaken, check_status

TIMEOUT_SECONDS = 60.0


class DataManagerChannel:
    """Sends events for one conversion action; credentials are Google's own (GOOGLE_APPLICATION_CREDENTIALS)."""

    most = 2_000
    one_spoils_all = True

    def __init__(self, platform: DataManager, credentials: Any = None) -> None:
        section = platform.config.google_data_manager
        if section is None or not (section.operating_account and section.conversion_action):
            raise AdsRefused("ads.toml: --send needs operating_account and conversion_action in [google-data-manager]")
        self._types = _import_client()
        self._platform, self._section = platform, section
        self._client = self._make_client(credentials)

    def _make_client(self, credentials: Any) -> Any:
        from google.auth.exceptions import DefaultCredentialsError

        options = {"api_endpoint": self._section.endpoint}
        try:
            return self._types.IngestionServiceClient(credentials=credentials, transport="rest", client_options=options)
        except DefaultCredentialsError:
            raise AdsRefused("GOOGLE_APPLICATION_CREDENTIALS: name the JSON file of a service account") from None

    def send(self, statements: Sequence[Statement]) -> Sequence[Answer]:
        """Try one batch, then send it; what is sent waits for Google's word."""
        self._ask("ingest_events", self.request(statements, validate_only=True))
        answer = self._ask("ingest_events", self.request(statements, validate_only=False))
        return [Answer("sent", answer.request_id)] * len(statements)

    def find_state(self, request_id: str) -> Answer:
        """What became of a request: confirmed, refused, or still `sent`, with what Google says of it."""
        types = self._types
        answer = self._ask("retrieve_request_status", types.RetrieveRequestStatusRequest(request_id=request_id))
        states = {one.request_status.name for one in answer.request_status_per_destination}
        if states == {"SUCCESS"}:
            return Answer.confirmed(request_id)
        if states == {"FAILED"}:
            return Answer.refused("FAILED", request_id)
        return Answer("sent", request_id, " ".join(sorted(states)))

    def request(self, statements: Sequence[Statement], validate_only: bool) -> Any:
        """The body of a call, in the official message classes."""
        types, section = self._types, self._section
        google = types.ProductAccount.AccountType.GOOGLE_ADS
        account = types.ProductAccount(account_type=google, account_id=section.operating_account)
        login = types.ProductAccount(account_type=google, account_id=section.login_account or section.operating_account)
        destination = types.Destination(
            operating_account=account, login_account=login, product_destination_id=section.conversion_action
        )
        return types.IngestEventsRequest(
            destinations=[destination],
            events=[self._event(one) for one in statements],
            encoding=types.Encoding.HEX,
            validate_only=validate_only,
        )

    def _event(self, one: Statement) -> Any:
        types, ids = self._types, one.ids
        click = {kind: ids[kind] for kind in ("gclid", "gbraid", "wbraid") if kind in ids}
        people = [
            types.UserIdentifier(**{field: ids[kind]})
            for kind, field in (("email", "email_address"), ("phone", "phone_number"))
            if kind in ids
        ]
        data, personalization = (
            f"CONSENT_{said.upper()}" if said else None for said in self._platform.consent(one.lead)
        )
        return types.Event(
            transaction_id=one.event_id,
            event_timestamp=one.happened_at,
            last_updated_timestamp=one.stated_at,
            ad_identifiers=types.AdIdentifiers(**click) if click else None,
            user_data=types.UserData(user_identifiers=people) if people else None,
            consent=types.Consent(ad_user_data=data, ad_personalization=personalization),
            currency=self._platform.context.currency,
            conversion_value=one.value,
            event_source=types.EventSource.WEB,
            user_properties=types.UserProperties(customer_value_bucket=BUCKETS.get(one.lead.grade or "")),
        )

    def _ask(self, method: str, request: Any) -> Any:
        from google.api_core import exceptions
        from google.auth.exceptions import GoogleAuthError
        from requests.exceptions import RequestException

        try:
            return getattr(self._client, method)(request=request, timeout=TIMEOUT_SECONDS, retry=None)
        except exceptions.GoogleAPICallError as refused:
            headers = getattr(refused.response, "headers", None) or {}
            check_status(int(refused.code or 500), headers.get("retry-after"))
            raise NotTaken("an answer that cannot be read") from None
        except GoogleAuthError as error:
            raise AccessRefused(type(error).__name__) from None
        except (RequestException, OSError, ValueError) as error:
            raise NotTaken(f"no whole answer ({type(error).__name__})") from None


def _import_client() -> Any:
    try:
        from google.ads import datamanager_v1
    except ImportError:
        raise AdsRefused('--send to google-data-manager needs the extra: pip install "lead-scoring[ads]"') from None
    return datamanager_v1

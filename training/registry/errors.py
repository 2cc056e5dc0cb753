"""The errors of the registry, with what MLflow and its databases report in plain words."""

from features.errors import Refused


class RegistryError(Refused):
    """What the registry refuses or fails to do; the message is for people."""


class NoModel(RegistryError):
    """There is no such model."""

    def __init__(self, which: str) -> None:
        known = which in ("champion", "challenger", "model")
        hint = "run `leads train`" if known else "`leads models list` shows those there are"
        super().__init__(f"there is no {which if known else f'model {which}'} in the registry; {hint}")


class NothingToRollBack(RegistryError):
    """No other model was champion before the present one."""

    def __init__(self, champion: str) -> None:
        super().__init__(f"no model was champion before model {champion}, so there is nothing to go back to")


class RegistryUnreachable(RegistryError):
    """MLflow's database or server cannot be reached or read; `reason` says why without addresses, where it is known."""

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason


REASONS = {
    "out-of-date database schema": "its database has another schema than this MLflow's; run `mlflow db upgrade`",
    "Can't locate revision": "its database was made by a later MLflow; install that one, or a later",
    "does not exist": "there is no such database, user or table",
    "password authentication failed": "its database does not take the password",
    "Access denied": "its database does not take the user",
    "file is not a database": "its database file is damaged, or none",
    "unable to open database file": "its database file cannot be opened",
    "database or disk is full": "its disk is full",
    "readonly database": "its database is read-only",
    "error code 401": "it does not take the user or password",
    "UNAUTHENTICATED": "it does not take the user or password",
    "401 Client Error": "it does not take the user or password",
    "error code 403": "it does not let this user in",
    "PERMISSION_DENIED": "it does not let this user in",
    "403 Client Error": "it does not let this user in",
    "Connection refused": "nobody listens at its address",
    "Name or service not known": "the name of its host is not known (DNS)",
    "Failed to resolve": "the name of its host is not known (DNS)",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted",
    "timed out": "it does not answer",
    "RemoteDisconnected": "it broke the connection off",
    "Connection aborted": "it broke the connection off",
}
"""What MLflow, its HTTP client and its databases' drivers say. In this order: the earlier is the more exact."""


def find_reason(error: BaseException) -> str | None:
    """Why MLflow cannot be read, without names or addresses; None where the error says nothing that is known."""
    texts = ""
    cause: BaseException | None = error
    while cause is not None:
        texts += f"{type(cause).__name__}: {cause}\n"
        cause = cause.__cause__ or cause.__context__
    return next((reason for text, reason in REASONS.items() if text in texts), None)

"""Why MLflow cannot be read: what it or its driver raised in, a reason in words out, without names or addresses."""

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


def reason_of(error: BaseException) -> str | None:
    """Why; None where it says nothing that is known."""
    said = ""
    cause: BaseException | None = error
    while cause is not None:
        said += f"{type(cause).__name__}: {cause}\n"
        cause = cause.__cause__ or cause.__context__
    return next((reason for text, reason in REASONS.items() if text in said), None)

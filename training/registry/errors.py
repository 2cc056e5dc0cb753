"""What can go wrong between this product and MLflow."""

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

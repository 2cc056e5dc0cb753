"""Which hosts are this machine."""

from functools import lru_cache
from ipaddress import ip_address


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host name or address, without port, can only mean this machine."""
    name = host.strip("[]")
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def without_port(host: str) -> str:
    """The host of a `Host` header: `localhost:8000` and `[::1]:8000` lose their port."""
    name, _, port = host.rpartition(":")
    return name if name and port.isdecimal() and (name.endswith("]") or ":" not in name) else host

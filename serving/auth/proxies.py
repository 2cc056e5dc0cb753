"""Who a request comes from when proxies of ours stand between: what each noted is read back to the first stranger.

`X-Forwarded-For` and `Forwarded` (RFC 7239) list hops, the nearest last, and whoever asks can begin the list. So it is
read from right to left, and only as far as the proxies in the settings vouch for it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

Address = IPv4Address | IPv6Address
Headers = Iterable[tuple[bytes, bytes]]

_PARAMETER = re.compile(r'[ \t]*(?:([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+)))?[ \t]*(?:([;,])|$)')


@dataclass(frozen=True, slots=True)
class Hop:
    """What one proxy noted of whoever asked it: each as sent, None where it says nothing."""

    address: str | None
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The networks of our own proxies."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Addresses and networks with commas or spaces between; raises `ValueError` naming the word that is neither."""
        return cls(tuple(_network(word) for word in re.split(r"[,\s]+", text.strip()) if word))

    def first_stranger(self, peer: str, headers: Headers) -> tuple[str, str | None]:
        """The client's address and the scheme that it used, None where no proxy of ours says.

        Two headers that disagree prove that one of them was made up: then no more is known than who is connected.
        """
        told = [*headers]
        found = {
            self._walk(peer, hops)
            for hops in (_parse_x_forwarded(told), _parse_forwarded(told))
            if hops and self._is_ours(_address(peer))
        }
        return found.pop() if len(found) == 1 else (peer, None)

    def _walk(self, peer: str, hops: list[Hop]) -> tuple[str, str | None]:
        client, scheme = peer, None
        for hop in reversed(hops):
            if not self._is_ours(_address(client)):
                break
            scheme = hop.scheme or scheme
            address = _address(hop.address or "")
            if address is None:  # `unknown`, or a name that only that proxy understands
                break
            client = str(address)
        return client, scheme

    def _is_ours(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.networks)


def _network(word: str) -> IPv4Network | IPv6Network:
    try:
        around = ip_network(word, strict=False)
    except ValueError:
        accepted = "expected addresses or networks such as 10.0.0.5, 10.1.0.0/16 or ::1"
        raise ValueError(f"{accepted}, with commas or spaces between, but {word!r} is neither") from None
    try:
        return ip_network(word)
    except ValueError:
        detail = f"{word!r} names an address inside a network, so it is unclear which is meant"
        raise ValueError(f"{detail}: did you mean {around}, or {word.partition('/')[0]} alone?") from None


def _parse_x_forwarded(headers: Headers) -> list[Hop]:
    """The hops of X-Forwarded-For; of X-Forwarded-Proto the last, which is the nearest proxy's."""
    addresses, schemes = _split_values(headers, b"x-forwarded-for"), _split_values(headers, b"x-forwarded-proto")
    hops = [Hop(address) for address in addresses]
    if hops and schemes:
        hops[-1] = Hop(addresses[-1], schemes[-1].lower())
    return hops


def _parse_forwarded(headers: Headers) -> list[Hop]:
    """The hops of Forwarded; none of a header that breaks off, for then nobody knows who wrote which part."""
    text = b",".join(value for name, value in headers if name == b"forwarded").decode("latin-1")
    hops, element, at = [], dict[str, str](), 0
    while at < len(text):
        found = _PARAMETER.match(text, at)
        if found is None:
            return []
        name, quoted, plain, ends = found.groups()
        if name:
            element[name.lower()] = plain or quoted
        at = found.end()
        if ends != ";":
            hops.append(Hop(element.get("for"), element.get("proto", "").lower() or None))
            element = {}
    return hops


def _split_values(headers: Headers, wanted: bytes) -> list[str]:
    text = b",".join(value for name, value in headers if name == wanted).decode("latin-1")
    return [word.strip() for word in text.split(",")] if text else []


def _address(text: str) -> Address | None:
    """An address, with or without a port, in brackets or not; an IPv4 address in IPv6's clothes as itself."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address

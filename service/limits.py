"""How often a client may ask: a token bucket for each, time given as an argument."""

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass

MOST_CLIENTS = 100_000
_IPV6_NETWORK_BITS = 64


@dataclass(frozen=True)
class Bucket:
    """`level` requests could be made at the time `at` (seconds)."""

    level: float
    at: float

    def refilled(self, now: float, per_second: float, capacity: float) -> "Bucket":
        """The bucket at `now`; it never holds more than `capacity`."""
        return Bucket(min(capacity, self.level + max(0.0, now - self.at) * per_second), now)


class RateLimiter:
    """Each client may make `per_minute` requests at once, and then as many a minute, evenly.

    0 sets no limit. Of MOST_CLIENTS and more, those that were quiet for longest are forgotten.
    """

    def __init__(self, per_minute: int, most_clients: int = MOST_CLIENTS) -> None:
        self._capacity, self._most_clients = per_minute, most_clients
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, client: str, now: float) -> int:
        """0 where the client may ask now, which counts; else in how many seconds it may."""
        if not self._capacity:
            return 0
        per_second = self._capacity / 60
        bucket = self._buckets.pop(client, Bucket(self._capacity, now)).refilled(now, per_second, self._capacity)
        allowed = bucket.level >= 1
        self._buckets[client] = Bucket(bucket.level - 1, now) if allowed else bucket
        while len(self._buckets) > self._most_clients:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - bucket.level) / per_second))


def client_of(address: str | None) -> str:
    """Who counts as one client: an IPv4 address, or a network of 64 bits in IPv6, whose addresses cost nothing."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), _IPV6_NETWORK_BITS), strict=False))
    return str(parsed)

"""Limits on sending, trying codes and writing messages: by coarse network and for all together.

Networks are counted as ``coalition.accounts.limits`` does, by a keyed hash that is another one tomorrow. Who comes
through an onion service has this machine's own address, as all others there: for them the ceiling for all counts alone.
"""

import ipaddress
import time
from dataclasses import dataclass

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from coalition.accounts.limits import network_hash


@dataclass(frozen=True)
class Limit:
    """How often in so many seconds: from one network, and from all."""

    network: int
    everyone: int
    seconds: int


# A union hall, or an exit of Tor, may be one network.
LIMITS = {
    "send": Limit(network=30, everyone=300, seconds=3600),
    "code": Limit(network=30, everyone=300, seconds=900),
    # Files begun, and forms with files; their pieces are not counted.
    "file": Limit(network=200, everyone=2000, seconds=3600),
    "message": Limit(network=60, everyone=600, seconds=3600),
}


def is_limited(request: HttpRequest, name: str) -> bool:
    """Count one more of this kind; whether that is too many.

    What a network sends beyond its own limit counts for nobody else: one that never stops would lock out all.
    """
    limit = LIMITS[name]
    address = get_client_ip(request)
    if not _is_own(address) and _is_over(f"{name}.{network_hash(address)}", limit.network, limit.seconds):
        return True
    return _is_over(f"{name}.all", limit.everyone, limit.seconds)


def _is_over(name: str, most: int, seconds: int) -> bool:
    return _count(name, seconds) > most * settings.INTAKE_LIMITS


def _is_own(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _count(name: str, seconds: int) -> int:
    window, passed = divmod(int(time.time()), seconds)
    key = f"coalition.shared.intake.{name}.{window}"
    # Until the window ends, whenever it was counted: what is kept of it would tell the second otherwise.
    left = seconds - passed
    if cache.add(key, 1, left):
        return 1
    # Two at once may count as one: codes have 99 bits, and nothing hangs on one more or less.
    count = int(cache.get(key) or 0) + 1
    cache.set(key, count, left)
    return count

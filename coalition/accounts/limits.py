"""What limits count by: a network that cannot be told from what is stored, and that is another one tomorrow."""

import hashlib
import hmac
import ipaddress
import secrets

from django.core.cache import cache, caches
from django.db import connection
from django.utils.crypto import salted_hmac

# A /24 is a household, an office or a union hall; in IPv6 a provider gives each customer a /48 or smaller.
PREFIXES = {4: 24, 6: 48}
DAY = 24 * 60 * 60
_KEY = "coalition.shared.network-key"


def network(address: str | None) -> str:
    """Return the coarse network of an address, as text; what is no address belongs to one network of its own."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((int(parsed), PREFIXES[parsed.version]), strict=False))


def network_hash(address: str | None) -> str:
    """Return what stands for the network of an address until the key of the day is thrown away."""
    key = salted_hmac("coalition.accounts.limits", _key_of_the_day(), algorithm="sha256").digest()
    return hmac.new(key, network(address).encode(), hashlib.sha256).hexdigest()


def _key_of_the_day() -> str:
    found: str | None = cache.get(_KEY)
    if found is None:
        # Whoever comes second gets the first one's.
        cache.add(_KEY, secrets.token_hex(32), DAY)
        found = cache.get(_KEY) or ""
    return found


def expired_forget() -> int:
    """Delete what the shared cache holds beyond its time, the old key of the day with it; return how many rows."""
    table = connection.ops.quote_name(caches["shared"]._table)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < now()")
        return cursor.rowcount

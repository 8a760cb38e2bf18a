"""The cache: a process's own memory, except for what several processes must agree on."""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.crypto import salted_hmac

# What sign-in counts by and remembers begins so: limits, locks, one-time passwords that were used.
SHARED_PREFIXES = ("allauth", "coalition.shared.")


def shared_key(key: str) -> str:
    """Return what a shared key is stored as: a keyed hash, because some are made of addresses of people."""
    return "shared:" + salted_hmac("coalition.cache", key, algorithm="sha256").hexdigest()


class SplitCache(LocMemCache):
    """Keeps keys with a shared prefix in the cache ``shared``, and all others in memory."""

    def _shared(self, key: str) -> BaseCache | None:
        return caches["shared"] if str(key).startswith(SHARED_PREFIXES) else None

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value where there is none yet; return whether it was stored."""
        if shared := self._shared(key):
            return shared.add(shared_key(key), value, timeout, version)
        return super().add(key, value, timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or the default."""
        if shared := self._shared(key):
            return shared.get(shared_key(key), default, version)
        return super().get(key, default, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a value."""
        if shared := self._shared(key):
            shared.set(shared_key(key), value, timeout, version)
        else:
            super().set(key, value, timeout, version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give a value another time to live; return whether it is there."""
        if shared := self._shared(key):
            return shared.touch(shared_key(key), timeout, version)
        return super().touch(key, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a value; return whether it was there."""
        if shared := self._shared(key):
            return shared.delete(shared_key(key), version)
        return super().delete(key, version)

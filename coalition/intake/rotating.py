"""Rotation of the keys: a new one seals, everything is sealed anew, the old ones go when they seal nothing."""

from pathlib import Path

from django.db import models, transaction

from coalition.intake.keys import keyring, keys_file
from coalition.intake.sealing import SealBrokenError, key_index, sealed_columns
from coalition.ops.files import text_replace
from coalition.ops.secrets import fernet_key

BATCH = 200


def key_add() -> None:
    """Put a new key before the others.

    Raises:
        ImproperlyConfigured: no file of keys is named.
        OSError: it cannot be written.
    """
    _keys_write([fernet_key(), *keyring().keys])


def keys_drop_old() -> int:
    """Forget all keys but the newest; return how many that were.

    Raises:
        ImproperlyConfigured: no file of keys is named.
        SealBrokenError: something is still sealed with one of them.
        OSError: the file cannot be written.
    """
    if sum(sealed_by_key()[1:]):
        raise SealBrokenError("Something is still sealed with an older key: rotate first.")
    newest, *old = keyring().keys
    if old:
        _keys_write([newest])
    return len(old)


def _keys_write(keys: list[str]) -> None:
    path: Path = keys_file()
    text_replace(path, "".join(f"{key}\n" for key in keys), mode=0o600)


def sealed_by_key() -> list[int]:
    """Return how many sealed columns each key seals, the newest first, and at the end how many none opens."""
    counts = [0] * (len(keyring().keys) + 1)
    for model, field in sealed_columns():
        tokens = model._base_manager.exclude(**{field: None}).values_list(field, flat=True)
        for token in tokens.iterator(BATCH):
            index = key_index(bytes(token))
            counts[-1 if index is None else index] += 1
    return counts


def reseal() -> int:
    """Seal with the newest key whatever an older one seals; return how many columns that was.

    It works in batches and can be stopped and started again: what is sealed with the newest key is passed over.
    """
    return sum(_reseal_column(model, field) for model, field in sealed_columns())


def _reseal_column(model: type[models.Model], field: str) -> int:
    changed, last = 0, None
    rows = model._base_manager.exclude(**{field: None}).order_by("pk")
    while True:
        batch = rows if last is None else rows.filter(pk__gt=last)
        with transaction.atomic():
            found = list(batch.select_for_update(of=("self",)).only("pk", field)[:BATCH])
            for row in found:
                token = bytes(getattr(row, field))
                # What no key opens is left as it is: status tells of it.
                if key_index(token):
                    sealed = keyring().all.rotate(token)
                    changed += model._base_manager.filter(pk=row.pk).update(**{field: sealed})
        if not found:
            return changed
        last = found[-1].pk

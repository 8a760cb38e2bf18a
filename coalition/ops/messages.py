"""Compiles translations without gettext's tools: ``.po``, which people write, to ``.mo``, which Python reads."""

import ast
import re
import struct
from pathlib import Path

from coalition.ops.paths import REPOSITORY
from coalition.ops.refusal import Refusal

FOLDERS = (REPOSITORY / "coalition" / "locale",)
_KEYWORD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)\s+(".*")$')


def messages_compile(*, folders: tuple[Path, ...] = FOLDERS) -> list[Path]:
    """Compile every catalogue that is newer than what was made of it; return what was written.

    Raises:
        Refusal: a catalogue has a line that is none.
        OSError: a file cannot be read or written.
    """
    written = []
    for folder in folders:
        for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
                continue
            catalogue = catalogue_encode(catalogue_read(source))
            temporary = target.with_suffix(".mo.new")
            temporary.write_bytes(catalogue)
            temporary.replace(target)
            written.append(target)
    return written


def catalogue_read(source: Path) -> dict[str, str]:
    """Return the messages of a ``.po`` file: key (context, EOT, text, NUL, plural) → translations, NUL between plurals.

    Fuzzy and empty ones are left out, so that readers see the original instead.

    Raises:
        Refusal: a line is none of the format's.
    """
    messages: dict[str, str] = {}
    fields: dict[str, str] = {}
    fuzzy = fuzzy_next = False
    current = ""

    def finish() -> None:
        if "msgid" not in fields:
            return
        plurals = [fields[key] for key in sorted(fields, key=_form) if key.startswith("msgstr")]
        key = fields["msgid"]
        if "msgid_plural" in fields:
            key += "\0" + fields["msgid_plural"]
        if "msgctxt" in fields:
            key = f"{fields['msgctxt']}\x04{key}"
        # The header, whose key is empty, counts even when it is fuzzy, as it is when freshly made.
        if plurals and all(plurals) and (not fuzzy or not key):
            messages[key] = "\0".join(plurals)

    for number, raw in enumerate(source.read_text(encoding="utf-8-sig").splitlines(), start=1):
        line = raw.strip()
        if line.startswith("#"):
            fuzzy_next = fuzzy_next or (line.startswith("#,") and "fuzzy" in line)
            continue
        if not line:
            continue
        try:
            if match := _KEYWORD.match(line):
                current = match.group(1)
                begins = current == "msgctxt" or (current == "msgid" and "msgctxt" not in fields)
                if begins or (current == "msgid" and "msgid" in fields):
                    finish()
                    fields, fuzzy, fuzzy_next = {}, fuzzy_next, False
                fields[current] = ast.literal_eval(match.group(3))
            elif line.startswith('"') and current:
                fields[current] += ast.literal_eval(line)
            else:
                raise ValueError(line)
        except (ValueError, SyntaxError, KeyError) as error:
            raise Refusal(f"{source}, line {number}: this is no line of a catalogue; mend it.") from error
    finish()
    return messages


def _form(key: str) -> int:
    number = re.search(r"\d+", key)
    return int(number.group()) if number else 0


def catalogue_encode(messages: dict[str, str]) -> bytes:
    """Return the messages as the bytes of a ``.mo`` file."""
    pairs = sorted((key.encode(), text.encode()) for key, text in messages.items())
    start = 7 * 4 + 16 * len(pairs)
    body = b""
    tables: list[list[int]] = [[], []]
    for side in (0, 1):
        for pair in pairs:
            tables[side] += [len(pair[side]), start + len(body)]
            body += pair[side] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    numbers = tables[0] + tables[1]
    return header + struct.pack(f"<{len(numbers)}I", *numbers) + body

"""Transcripts in WebVTT (W3C): cues with their time, so that what was said is found to the second."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"^{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?$")
_VOICE = re.compile(r"<v(?:\.[^ >]+)?[ \t]+([^>]+)>")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Cue:
    """One passage of a transcript: its times in seconds, who speaks if the file says so, and the words."""

    start: float
    end: float
    speaker: str
    text: str


def _seconds(hours: str | None, minutes: str, seconds: str, milliseconds: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(milliseconds) / 1000


def parse(transcript: str) -> list[Cue]:
    """Return the cues of a WebVTT text; blocks that are no cues (notes, styles, regions) are passed over.

    Raises:
        ValueError: the text does not begin with WEBVTT, or a cue ends before it starts.
    """
    text = transcript.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if not re.match(r"WEBVTT(?:[ \t].*)?(?:\n|$)", text):
        raise ValueError("A WebVTT text begins with the word WEBVTT on a line of its own.")
    cues = []
    for block in re.split(r"\n{2,}", text)[0:]:
        lines = block.strip("\n").split("\n")
        at = next((i for i, line in enumerate(lines[:2]) if _TIMING.match(line)), None)
        if at is None:
            continue
        match = _TIMING.match(lines[at])
        if match is None:
            continue
        start, end = _seconds(*match.groups()[:4]), _seconds(*match.groups()[4:])
        if end < start:
            raise ValueError(f"The cue at {lines[at]!r} ends before it starts.")
        words = "\n".join(lines[at + 1 :])
        voice = _VOICE.search(words)
        cues.append(Cue(start, end, voice.group(1).strip() if voice else "", " ".join(_TAG.sub("", words).split())))
    return cues


def plain_text(transcript: str) -> str:
    """Return the words alone; an empty text for an empty or unreadable transcript."""
    if not transcript:
        return ""
    try:
        return " ".join(cue.text for cue in parse(transcript))
    except ValueError:
        return ""


def validate_webvtt(value: str) -> None:
    """Refuse a transcript that cannot be read.

    Raises:
        ValidationError: with a sentence that says how to mend it.
    """
    try:
        cues = parse(value)
    except ValueError as error:
        raise ValidationError(_("The transcript cannot be read: %(why)s"), params={"why": str(error)}) from error
    if not cues:
        raise ValidationError(
            _("The transcript has no cues. A cue is a line like 00:00:01.000 --> 00:00:04.000, then the words.")
        )

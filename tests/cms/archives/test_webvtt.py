"""Transcripts: cues are found to the second, and whatever is no transcript is refused with a sentence."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cms.archives.webvtt import Cue, parse, plain_text, validate_webvtt

TEXT = """WEBVTT - Panel

NOTE made up

1
00:00:01.000 --> 00:00:04.500 align:start
<v Rosa Diaz>We all have the <b>same</b> scanner.

01:02:03.250 --> 01:02:05.000
Two lines
of words
"""


def test_cues_have_times_speaker_and_words() -> None:
    assert parse(TEXT) == [
        Cue(1.0, 4.5, "Rosa Diaz", "We all have the same scanner."),
        Cue(3723.25, 3725.0, "", "Two lines of words"),
    ]
    assert plain_text(TEXT) == "We all have the same scanner. Two lines of words"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Hello", "The transcript cannot be read: A WebVTT text begins with the word WEBVTT on a line of its own."),
        (
            "WEBVTT\n\n00:05.000 --> 00:01.000\nx",
            "The transcript cannot be read: The cue at '00:05.000 --> 00:01.000' ends before it starts.",
        ),
        (
            "WEBVTT\n\nno cue",
            "The transcript has no cues. A cue is a line like 00:00:01.000 --> 00:00:04.000, then the words.",
        ),
    ],
)
def test_what_is_no_transcript_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_webvtt(text)
    assert refused.value.messages == [sentence]


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused_and_never_breaks(text: str) -> None:
    try:
        cues = parse("WEBVTT\n\n" + text)
    except ValueError:
        return
    assert all(cue.end >= cue.start >= 0 for cue in cues)


@given(
    st.lists(
        st.tuples(st.integers(0, 90_000), st.integers(0, 9_000), st.text("abcdef ", min_size=1, max_size=20)),
        max_size=8,
    )
)
def test_what_was_written_is_read_again(rows: list[tuple[int, int, str]]) -> None:
    def stamp(tenths: int) -> str:
        seconds, tenth = divmod(tenths, 10)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{tenth}00"

    text = "WEBVTT\n\n" + "\n\n".join(f"{stamp(a)} --> {stamp(a + d)}\n{words}" for a, d, words in rows)
    assert [(cue.start, cue.end, cue.text) for cue in parse(text)] == [
        (a / 10, (a + d) / 10, " ".join(words.split())) for a, d, words in rows
    ]

"""The catalogues that we compile are those that Python's gettext reads."""

import gettext
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from coalition.ops.messages import FOLDERS, messages_compile
from coalition.ops.refusal import Refusal

CATALOGUE = r"""# A comment
#, fuzzy
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: somewhere.py:3
msgid "Story"
msgstr "Historia \"propia\"\tsí"

msgctxt "verb"
msgid "Search"
msgstr "Buscar"

msgctxt "noun"
msgid "Search"
msgstr "Búsqueda"

#, python-format
msgid "%(count)s story"
msgid_plural "%(count)s stories"
msgstr[0] "%(count)s historia"
msgstr[1] "%(count)s "
"historias"

#, fuzzy
msgid "Guess"
msgstr "Adivinanza"

msgid "Not yet"
msgstr ""

#~ msgid "Old"
#~ msgstr "Viejo"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def translations(source: Path) -> gettext.GNUTranslations:
    with source.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_gettext_reads_texts_contexts_and_plurals(source: Path, tmp_path: Path) -> None:
    assert messages_compile(folders=(tmp_path,)) == [source.with_suffix(".mo")]
    found = translations(source)
    assert found.gettext("Story") == 'Historia "propia"\tsí'
    assert found.pgettext("verb", "Search") == "Buscar"
    assert found.pgettext("noun", "Search") == "Búsqueda"
    assert [found.ngettext("%(count)s story", "%(count)s stories", n) for n in (1, 2)] == [
        "%(count)s historia",
        "%(count)s historias",
    ]


def test_what_is_fuzzy_empty_or_old_stays_in_the_original(source: Path, tmp_path: Path) -> None:
    messages_compile(folders=(tmp_path,))
    found = translations(source)
    assert [found.gettext(text) for text in ("Guess", "Not yet", "Old")] == ["Guess", "Not yet", "Old"]


def test_only_what_changed_is_compiled(source: Path, tmp_path: Path) -> None:
    messages_compile(folders=(tmp_path,))
    assert messages_compile(folders=(tmp_path,)) == []
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert messages_compile(folders=(tmp_path,)) != []


def test_a_line_that_is_none_is_named(source: Path, tmp_path: Path) -> None:
    source.write_text('msgid "a"\nmsgstr "b\n', encoding="utf-8")
    with pytest.raises(Refusal, match="line 2"):
        messages_compile(folders=(tmp_path,))
    assert not source.with_suffix(".mo").exists()


def test_the_sites_own_catalogues_compile(tmp_path: Path) -> None:
    for folder in FOLDERS:
        if folder.exists():
            shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("*.mo"))
            written = messages_compile(folders=(tmp_path / folder.name,))
            assert len(written) == len(list(folder.glob("*/LC_MESSAGES/*.po")))


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext's tools are not on this machine")
def test_msgfmt_makes_the_same(source: Path, tmp_path: Path) -> None:
    messages_compile(folders=(tmp_path,))
    ours = translations(source)._catalog  # type: ignore[attr-defined]
    # msgfmt leaves a fuzzy header out with the rest; that is not what is compared.
    source.write_text(CATALOGUE.replace('#, fuzzy\nmsgid ""', 'msgid ""'), encoding="utf-8")
    subprocess.run(["msgfmt", "-o", str(source.with_suffix(".mo")), str(source)], check=True)
    assert translations(source)._catalog == ours  # type: ignore[attr-defined]

"""The words of the pages: each with an entry in every language, and none that leads nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import PrecedenceError
from core.lessons.glossary import FILE, entries, term, terms_of, with_links, without_links
from core.lessons.library import FOLDER, LANGUAGES, WIDGETS
from core.lessons.reading import read_lesson
from pages.shared.terms import TERMS


def test_every_word_has_an_entry_in_every_language() -> None:
    for name, by in json.loads(FILE.read_text(encoding="utf-8")).items():
        assert set(by) == set(LANGUAGES), name
        for language in LANGUAGES:
            entry = entries(language)[name]
            assert entry.title
            assert entry.text[-1] in ".。", name
            assert len(entry.text) < 260, name
    assert {language: len(entries(language)) for language in LANGUAGES} == dict.fromkeys(LANGUAGES, len(entries()))


def test_a_term_is_a_link_on_a_page_and_a_word_on_paper() -> None:
    text = "A [[multiplier]] has a [[price|cost]]."
    assert with_links(text, "zh") == (
        "A [multiplier](learn?view=glossary&term=multiplier&lang=zh) has a "
        "[cost](learn?view=glossary&term=price&lang=zh)."
    )
    assert without_links(text) == "A multiplier has a cost."
    assert term("task", "tasks") == "[tasks](learn?view=glossary&term=task)"


def test_heads_of_tables_are_known_words() -> None:
    assert set(TERMS.values()) <= set(entries())


def test_every_lesson_explains_words_where_they_stand() -> None:
    for file in FOLDER.rglob("*.md"):
        assert list(terms_of(file.read_text(encoding="utf-8"))), file


def test_a_word_that_is_not_in_the_glossary_is_one_sentence_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.md"
    file.write_text('---\ntitle: A\naim: B\nplace: 1\nminutes: 1\n---\n:::step title="x"\nA [[lamda]].\n:::\n')
    with pytest.raises(PrecedenceError, match=r"^bad.md, line 8: the glossary has no 'lamda'; it has task, "):
        read_lesson(file, WIDGETS)

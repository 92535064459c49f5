"""Texts as numbers: any writing, places in the text as given, one id space, nothing that breaks it."""

import random
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from core.data.text.build import VocabularySizes, build_vocabulary, choose_phrases
from core.data.text.segment import normalise, segment
from core.data.text.vocabulary import BOUNDARY, Vocabulary, parts_of
from core.errors import PrecedenceError

TITLES = [
    "red leather sofa T21",
    "blue leather sofa",
    "phone case for smart phone",
    "smart phone 64GB",
    "棕色丝绸大号沙发椅T21",
    "棕色移动电话适用移动电话",
    "移动电话64G",
    "red smart phone",
] * 2
SIZES = VocabularySizes(ngrams=20, buckets=4, character_buckets=4, least_phrase=2)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return build_vocabulary([f"{title} {n % 2}" for n, title in enumerate(TITLES)], SIZES)


def forms(text: str) -> list[str]:
    return [word.form for word in segment(text)]


def test_words_of_several_writings() -> None:
    assert forms("Red SOFA, 50% off!") == ["red", "sofa", "50", "off"]
    assert forms("移动电话 64GB") == ["移动电话", "64gb"]
    assert forms("ＷｉＦｉ 📱📱 ﬁne") == ["wifi", "📱", "📱", "fine"]
    assert forms("Straße") == ["strasse"]
    assert forms("<b>sofa</b>") == ["b", "sofa", "b"]


@pytest.mark.parametrize("text", ["", " ", "\u200d\ufe0f", "…!?", "\x00"])
def test_a_text_without_words_has_none(text: str, vocabulary: Vocabulary) -> None:
    encoded = vocabulary.encode(text)
    assert encoded.words == len(encoded.word_ids) == len(encoded.character_ids) == 0


def test_composed_and_decomposed_letters_are_the_same_word() -> None:
    assert forms("caf\u0065\u0301 noir") == forms("caf\u00e9 noir") == ["café", "noir"]


def test_a_span_is_the_word_as_it_was_given() -> None:
    text = "ＷｉＦｉ caf\u0065\u0301 移动电话 Straße 📱"
    for word in segment(text):
        given = text[word.start : word.end]
        assert unicodedata.normalize("NFKC", given).casefold() == word.form


def test_spans_lie_in_order_within_any_text() -> None:
    draw = random.Random(5)
    alphabet = "ab Z9沙发移动é\u0301ßﬁ📱\u200d<>&\u0000हिन्दी가ี"
    for _ in range(300):
        text = "".join(draw.choice(alphabet) for _ in range(draw.randrange(40)))
        words = segment(text)
        starts = [word.start for word in words]
        assert starts == sorted(starts)
        assert all(word.form and 0 <= word.start < word.end <= len(text) for word in words)


def test_a_long_text_is_cut_and_says_so(vocabulary: Vocabulary) -> None:
    encoded = vocabulary.encode("sofa " * 2000)
    assert encoded.cut
    assert max(end for _, end in encoded.spans) <= vocabulary.longest
    assert not vocabulary.encode("sofa").cut


def test_normalising_twice_changes_nothing() -> None:
    for text in ("ＷｉＦｉ", "Straße ﬁ", "caf\u0065\u0301", "İstanbul"):
        once = normalise(text).text
        assert normalise(once).text == once


def test_a_known_word_comes_back(vocabulary: Vocabulary) -> None:
    encoded = vocabulary.encode("smart phone")
    assert [vocabulary.term(int(id)).surface for id in encoded.word_ids] == ["smart", "phone", "smart phone"]
    assert encoded.words == 2
    assert encoded.spans[2] == (0, 11)
    assert vocabulary.term(int(encoded.word_ids[2])).kind == "ngram"


def test_every_id_names_a_term_and_no_other_does(vocabulary: Vocabulary) -> None:
    for id in range(1, vocabulary.size):
        term = vocabulary.term(id)
        assert term.surface
        if term.kind == "word":
            assert vocabulary.id_of(term.surface) == id
    for id in (0, -1, vocabulary.size):
        with pytest.raises(PrecedenceError, match="no term"):
            vocabulary.term(id)


def test_an_unknown_word_falls_into_a_bucket_that_names_its_forms() -> None:
    vocabulary = build_vocabulary(["sofa rare", "sofa blue", "blue"], SIZES)
    id = vocabulary.id_of("rare")
    assert id >= vocabulary.first_bucket
    assert "rare" in vocabulary.term(id).surfaces


def test_every_word_opens_with_a_boundary(vocabulary: Vocabulary) -> None:
    encoded = vocabulary.encode("red 沙发椅 sofa")
    assert int((encoded.character_ids == BOUNDARY).sum()) == encoded.words
    assert encoded.character_ids.max() < vocabulary.character_size


def test_characters_of_chinese_and_trigrams_of_english() -> None:
    assert parts_of("沙发") == ["沙", "发"]
    assert parts_of("sofa") == ["^so", "sof", "ofa", "fa$"]


def test_characters_of_a_chinese_word_are_units_of_their_own() -> None:
    vocabulary = build_vocabulary(["手机 壳", "手机壳 红", "机 phone", "红 phone"], SIZES)
    encoded = vocabulary.encode("a手机 phone")
    surfaces = [vocabulary.term(int(id)).surface for id in encoded.word_ids]
    assert surfaces[encoded.whole :] == ["手", "机"]
    assert encoded.spans[encoded.whole :] == ((1, 2), (2, 3))
    assert vocabulary.words["机"] == 3, "as a word, and within one"
    assert vocabulary.encode("phone").whole == len(vocabulary.encode("phone").word_ids)


def test_a_text_is_expanded_to_what_its_words_say(vocabulary: Vocabulary) -> None:
    red, sofa, smart, phone = (vocabulary.id_of(word) for word in ("red", "sofa", "smart", "phone"))
    said = ((red, smart, 0.3), (red, sofa, 0.9), (sofa, smart, 0.5), (sofa, phone, 0.2))
    knowing = build_vocabulary([*TITLES, "x"], SIZES).model_copy(
        update={"words": vocabulary.words, "translations": said}
    )
    found = knowing.expansions(knowing.encode("red sofa"))
    assert found.ids.tolist() == [smart, phone]
    assert found.sources.tolist() == [1, 1]
    assert found.shares.tolist() == pytest.approx([0.5, 0.2])
    assert len(knowing.expansions(knowing.encode("")).ids) == 0


def test_idf_falls_with_the_number_of_texts(vocabulary: Vocabulary) -> None:
    idf = vocabulary.idf()
    holding = np.array([vocabulary.words[vocabulary.term(id).surface] for id in range(1, vocabulary.first_ngram)])
    order = np.argsort(holding)
    assert np.all(np.diff(idf[1:][order]) <= 1e-6)
    assert len(idf) == vocabulary.size
    assert idf[1] == pytest.approx(np.log(1 + (vocabulary.texts - holding[0] + 0.5) / (holding[0] + 0.5)), rel=1e-6)


def test_the_order_of_texts_does_not_matter() -> None:
    assert build_vocabulary(TITLES, SIZES) == build_vocabulary(TITLES[::-1], SIZES)


def test_phrases_that_stand_together_by_chance_are_left_out() -> None:
    draw = random.Random(1)
    texts = [[draw.choice("abcdefgh") for _ in range(6)] for _ in range(400)]
    together = [[*words, "deep", "fryer"] for words in texts[:60]]
    chosen = choose_phrases(texts + together, 50, 3)
    assert next(iter(chosen)) == ("deep", "fryer")
    assert chosen["deep", "fryer"] == 60
    assert len(chosen) < 20


def test_on_disk_and_back(vocabulary: Vocabulary, tmp_path: Path) -> None:
    vocabulary.save(tmp_path / "v.json")
    again = Vocabulary.load(tmp_path / "v.json")
    assert again == vocabulary
    for title in TITLES:
        assert np.array_equal(again.encode(title).word_ids, vocabulary.encode(title).word_ids)


def test_a_broken_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text("{}")
    with pytest.raises(PrecedenceError, match="no readable vocabulary"):
        Vocabulary.load(tmp_path / "v.json")


def test_kept_segments_are_the_same_words_and_are_forgotten() -> None:
    from core.data.text import segment as cutting

    texts = ["Red shoes 12 v", "电视机 stand", "Red shoes 12 v"]
    once = [cutting.segment(text, reading=2) for text in texts]
    with cutting.keeping_segments(), cutting.keeping_segments():
        kept = [cutting.segment(text, reading=2) for text in texts]
        kept[0].clear()  # a caller's own list
        assert [cutting.segment(text, reading=2) for text in texts] == once
    assert cutting._kept is None

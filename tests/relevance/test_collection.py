"""A collection on disk: whole or not at all, with its queries, its title and the run that learns from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.pairs.judged import divided
from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.relevance.bags import Bags
from core.relevance.encoding.word_overlap import LexicalEncoder
from core.relevance.stores.catalogue import shop
from core.relevance.stores.collection import About, catalogue_of, folder_of, names, read_about, write_collection
from core.relevance.stores.index_store import STARTED, WORDS, encoder_of, share_known, take
from core.relevance.stores.uploaded import CHINESE, examples_of, of_prepared, read_catalogue
from core.settings.presets import default_run


def silent(stage: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    file = tmp_path / "pairs.csv"
    rows = [f"thing{at},a <b>thing</b>{at},{at % 2}" for at in range(20)]
    file.write_text("\n".join(["query,title,label", *rows, "thing0,a <b>thing</b>0,1", ",lost,1"]), encoding="utf-8")
    return read_catalogue(file)


def test_a_file_is_told_in_counts(own) -> None:
    assert own.says == (
        "pairs.csv holds 21 judged pairs: 20 queries, 20 different titles.",
        "Labels, more is better: 0 (9 pairs), 1 (11 pairs).",
        "Rows left out because they lack a query, a title or a label: 1.",
        "Rows that judge a pair which another row has judged: 1; a pair counts once.",
        "Pairs on which judgements differ: 1 of 1 judged more than once, by 1 grades on average; the mean is taken.",
    )
    split = divided([f"thing{at}" for at in range(20)])
    assert [query.held_out for query in own.queries] == (split == 2).tolist()


def test_titles_alone_are_searched_but_teach_nothing(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text("Name,Gruppe\nsofa,a\n,b\nlamp,\n", encoding="utf-8")
    own = read_catalogue(file, {"title": "Name", "category": "Gruppe"})
    assert [(one.title, one.attribute("category")) for one in own.products] == [("sofa", "a"), ("lamp", "")]
    assert own.says == (
        "titles.csv holds 2 titles.",
        "Rows left out because they lack a title or a key, or repeat a key: 1.",
    )
    assert "no column for the query" in own.untrainable


def test_examples_of_titles_without_queries() -> None:
    titles = [
        f"brand{at} {what} T{at}" for at in range(12) for what in ("phone case", "desk lamp", "手机壳", "phone stand")
    ]
    found = examples_of(titles)
    assert found == ("phone case", "desk lamp", "手机壳"), "no word twice"
    assert examples_of(["sofa", "lamp"]) == ()


def test_a_collection_comes_back_whole(own) -> None:
    encoder = encoder_of(WORDS, [product.title for product in own.products])
    about = About(title="Mine & <yours>", says=own.says, train=default_run("qbqtc"))
    folder = write_collection("mine", about, own, encoder, silent)
    assert names() == ["mine"]
    assert folder_of("mine") == folder
    assert read_about(folder) == about
    found = take(folder)
    catalogue = catalogue_of(folder, found.index)
    assert (catalogue.name, catalogue.title) == ("mine", "Mine & <yours>")
    assert {query.text for query in catalogue.queries if query.held_out} == {
        query.text for query in own.queries if query.held_out
    }
    assert catalogue.queries[0].held_out, "examples are queries that no training has seen"
    assert found.index.product(int(found.search("7", 1).rows[0])).title == "a <b>thing</b>7"
    with pytest.raises(PrecedenceError, match="called mine already"):
        write_collection("mine", about, own, encoder, silent)
    (folder / "about.json").write_text("{")
    with pytest.raises(PrecedenceError, match="cannot be read"):
        read_about(folder)


def test_nothing_half_done_stays_behind(own, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: LexicalEncoder, titles: list[str], progress: object = None) -> Bags:
        raise PrecedenceError("The disk is full.")

    monkeypatch.setattr(LexicalEncoder, "products", broken)
    with pytest.raises(PrecedenceError, match="disk"):
        write_collection("mine", About(), own, encoder_of(WORDS, ["a"]), silent)
    assert names() == []
    with pytest.raises(PrecedenceError, match="no catalogue named 'mine'"):
        folder_of("mine")


@pytest.mark.parametrize("name", ["..", "a/b", "Mine", ""])
def test_no_name_leaves_the_home_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    with pytest.raises(PrecedenceError):
        folder_of(name)


def test_prepared_pairs_are_the_same_catalogue(pairs_folder: Path, pairs) -> None:
    own = of_prepared(DatasetChoice(name="own", path=str(pairs_folder)))
    count = sum(len(query.grades) for query in own.queries)
    assert len(own.queries) == 35
    assert 0 < count <= len(pairs.labels)
    test = pairs.keys["query"][pairs.rows["test"]].unique().tolist()
    assert [at for at, query in enumerate(own.queries) if query.held_out] == sorted(test)
    row = 7
    query, key = own.queries[int(pairs.keys["query"][row])], str(int(pairs.keys["product"][row]) + 1)
    assert query.grades[key] == int(np.nansum(pairs.labels[row].numpy()))


def test_the_shop_of_a_run_holds_both_languages() -> None:
    own = of_prepared(DatasetChoice(name="shop_pairs"))
    english, chinese = shop("en"), shop("zh")
    assert len(own.products) == 2 * len(english.products)
    assert len({product.key for product in own.products}) == len(own.products)
    last = own.queries[-1]
    assert last.text == chinese.queries[-1].text
    assert set(last.grades) == {key + CHINESE for key in chinese.queries[-1].grades}
    assert 0.1 < np.mean([query.held_out for query in own.queries]) < 0.2


def test_how_many_words_a_model_knows() -> None:
    vocabulary = encoder_of(STARTED, []).vocabulary
    assert share_known(vocabulary, ["wireless headphones", "large sofa"]) == 1
    assert share_known(vocabulary, ["zyxwvu qponml", "wireless headphones"]) == 0.5
    assert share_known(vocabulary, [""]) == share_known(vocabulary, []) == 0

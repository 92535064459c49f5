"""DeepBoW and its peers on the same judged test queries: order, separation of the bad, sparsity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data import parquet
from core.data.pairs.prepare import GRADE
from core.data.prepared import TABLE
from core.data.registry import load_dataset, names_of, prepared_folder
from core.data.source import UPLOADED, DatasetChoice
from core.data.text.fields import SIGNS, composed
from core.data.text.segment import folded
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.relevance.bags import Bags, Kind, dot
from core.relevance.encoding.model_store import load_network, read_card, read_vocabulary
from core.relevance.encoding.network import encode_products, encode_queries
from core.relevance.evaluation.expansions import right_by_grade, right_share, used
from core.relevance.evaluation.peers.dense import dense_scores
from core.relevance.evaluation.peers.lexical import bm25_scores, overlap_scores
from core.relevance.reading.lexicon import MOST_TITLES
from core.relevance.reading.reader import QueryReader
from core.relevance.stores.catalogue import shop_types
from core.statistics import auc, average_precision, bootstrap_interval, ndcg, ndcg_of_gains
from core.task_kinds.kinds import KINDS


@dataclass(frozen=True)
class Test:
    """The judged pairs of one split. n pairs, texts of all splits."""

    name: str
    queries: list[str]
    titles: list[str]
    query_of: NDArray[np.int64]  # [n]
    title_of: NDArray[np.int64]  # [n]
    grades: NDArray[np.float64]  # [n]
    supported: frozenset[tuple[str, str]]  # (word of a query, word of a title that fits it), over all splits
    gains: tuple[float, ...] = ()  # of each grade in NDCG, 0 first; empty: 2^grade − 1
    types: dict[str, str] = field(default_factory=dict)  # title → what the product is, where the data say it
    fields: dict[str, list[str]] = field(default_factory=dict)  # what else a product says, as long as `titles`

    @cached_property
    def texts(self) -> list[str]:
        """What a model reads of the products; peers read titles alone."""
        if not self.fields:
            return self.titles
        rows = zip(self.titles, *self.fields.values(), strict=True)
        return [composed(title, dict(zip(self.fields, said, strict=True))) for title, *said in rows]


@dataclass(frozen=True)
class Row:
    """One model's figures; those of several seeds are means. Intervals are of 95 %, over the test's queries."""

    dataset: str
    model: str
    ndcg_at_10: float
    ndcg_at_10_interval: tuple[float, float]
    against_bm25: tuple[float, float, float] | None  # difference of NDCG@10 query by query, and its interval
    auc: float
    negative_pr_auc: float
    nonzeros_query: float | None
    nonzeros_product: float | None
    wacky_share: float | None
    expansions_right_by_type: float | None  # share of the used mass, see `core.relevance.evaluation.expansions`
    expansions_right_by_grade: float | None
    seeds: list[int]


def read_test(choice: DatasetChoice, split: str = "test") -> Test:
    """The judged pairs of a data set of form "pairs"."""
    data = load_dataset(choice)
    if data.description.form != "pairs":
        raise PrecedenceError(
            f"The data set '{choice.name}' holds no pairs of texts; choose {' or '.join(names_of('pairs'))}."
        )
    folder = prepared_folder(choice)
    queries, titles = (
        [str(text) for text in parquet.read(folder / f"{side}.parquet", ("text",))["text"]]
        for side in ("query", "product")
    )
    products = parquet.read(folder / "product.parquet")
    fields = {name: [str(text) for text in products[name]] for name in SIGNS if name in products}
    rows = data.rows[split]
    graded = [at for at, task in enumerate(data.description.card.tasks) if KINDS[task.kind].is_yes_or_no]
    grades = data.labels[:, graded].sum(1).numpy().astype(np.float64)
    with parquet.connect() as database:
        query = f"DESCRIBE SELECT * FROM read_parquet({parquet.literal(folder / TABLE)})"
        held = {row[0] for row in database.execute(query).fetchall()}
    if GRADE in held:
        grades = parquet.read(folder / TABLE, (GRADE,))[GRADE].astype(np.float64)
    query_of, title_of = (data.keys[side].numpy().astype(np.int64) for side in ("query", "product"))
    return Test(
        name=choice.name if choice.name != UPLOADED else data.description.card.title,
        queries=queries,
        titles=titles,
        query_of=query_of[rows.numpy()],
        title_of=title_of[rows.numpy()],
        grades=grades[rows.numpy()],
        supported=_supported(queries, titles, query_of, title_of, grades),
        gains=data.description.card.gains,
        fields=fields,
        types=shop_types() if choice.name == "shop_pairs" else {},
    )


def evaluate(test: Test, folders: Sequence[Path] = ()) -> list[Row]:
    """BM25, word overlap, and the saved models in `folders`; models that differ by their seed alone make one row."""
    pairs = (test.queries, test.titles, test.query_of, test.title_of)
    lexical = {"bm25": bm25_scores(*pairs), "overlap": overlap_scores(*pairs)}
    bar = _by_query(test, lexical["bm25"])
    rows = [_row(test, name, [scores], bar if name != "bm25" else None, []) for name, scores in lexical.items()]
    alike: dict[str, list[Path]] = {}
    for folder in folders:
        alike.setdefault(name_of(folder), []).append(folder)
    return rows + [_of_models(test, name, same, bar) for name, same in alike.items()]


def as_searched(vocabulary: Vocabulary, test: Test, queries: Sequence[str]) -> list[str]:
    """Queries as a search of the test's products reads them: the nearest spelling of a word that nobody knows …"""
    reader = QueryReader(vocabulary, lambda: test.texts[:: 1 + len(test.texts) // MOST_TITLES])
    return [reader.read(query).text for query in queries]


def name_of(folder: Path) -> str:
    """What distinguishes a saved model from the default one: "deepbow", "dense", "deepbow gate=False" …"""
    config = read_card(folder).config
    default = type(config)()
    apart = {"score", "average_length", "kind", "negatives", "tuned"}  # presets choose the last two
    if config.score == "vectors":  # bags are not its business
        apart |= {"query", "product", "gate", "expand_from_words"}
        apart |= {name for name in type(config).model_fields if name.startswith("penalty")}
    changed = [
        f"{name}={value}"
        for name, value in config.model_dump().items()
        if name not in apart and value != getattr(default, name)
    ]
    return " ".join(["dense" if config.score == "vectors" else "deepbow", *changed])


def wacky_share(vocabulary: Vocabulary, bags: Bags, titles: Sequence[str], test: Test) -> float | None:
    """Share of expansion entries without lexical use: no judged pair anywhere has the term in its query, the source
    word in its title, and a grade above 0. None where nothing is expanded; 0 for a model whose expansions were learnt
    from these pairs."""
    wacky = entries = 0
    for row, title in enumerate(titles):
        bag = bags[row]
        expanded = np.flatnonzero(bag.kinds == Kind.EXPANSION)
        if not len(expanded):
            continue
        words = [vocabulary.term(int(id)).surface for id in vocabulary.encode(title).word_ids]
        for at in expanded.tolist():
            term = vocabulary.term(int(bag.ids[at])).surface
            entries += 1
            source = folded(words[int(bag.sources[at])]).split()
            wacky += not any((folded(term), word) in test.supported for word in source)
    return wacky / entries if entries else None


def _supported(
    queries: list[str], titles: list[str], query_of: NDArray, title_of: NDArray, grades: NDArray
) -> frozenset[tuple[str, str]]:
    from core.data.text.segment import READING, segment

    own = [{word.form for word in segment(text, reading=READING)} for text in queries]
    other = [{word.form for word in segment(text, reading=READING)} for text in titles]
    fits = grades > 0
    pairs = zip(query_of[fits].tolist(), title_of[fits].tolist(), strict=True)
    return frozenset((term, word) for query, title in pairs for term in own[query] for word in other[title])


def _of_models(test: Test, name: str, folders: Sequence[Path], bar: NDArray) -> Row:
    scores, sparsity = [], []
    for folder in folders:
        network, vocabulary = load_network(folder), read_vocabulary(folder)
        queries, query_at = np.unique(test.query_of, return_inverse=True)
        titles, title_at = np.unique(test.title_of, return_inverse=True)
        texts = [test.queries[at] for at in queries], [test.texts[at] for at in titles]
        if read_card(folder).config.score == "vectors":
            scores.append(dense_scores(network, vocabulary, *texts, np.stack((query_at, title_at), 1)))
            continue
        own = encode_queries(network, vocabulary, as_searched(vocabulary, test, texts[0]))
        other = encode_products(network, vocabulary, texts[1])
        scores.append(
            np.array([dot(own[q], other[t]) for q, t in zip(query_at.tolist(), title_at.tolist(), strict=True)])
        )
        pairs = np.stack((query_at, title_at), 1)
        figures = [
            len(own.ids) / len(own),
            len(other.ids) / len(other),
            wacky_share(vocabulary, other, texts[1], test),
            right_share(used(vocabulary, other, texts[1], [test.types.get(test.titles[at], "") for at in titles]))
            if test.types
            else None,
            right_by_grade(own, other, pairs, test.grades),
        ]
        sparsity.append([np.nan if value is None else value for value in figures])
    return _row(test, name, scores, bar, sparsity, [read_card(folder).seed for folder in folders])


def _row(
    test: Test,
    name: str,
    scores: list[NDArray],
    bar: NDArray | None,
    sparsity: list[list[float]],
    seeds: Sequence[int] = (),
) -> Row:
    bad = test.grades < 0.5
    found = np.mean([_by_query(test, each) for each in scores], axis=0)
    means: list[float | None] = [None] * 5
    if sparsity:
        means = [None if np.isnan(value) else round(float(value), 4) for value in np.mean(sparsity, axis=0)]
    low, high = _interval(found)
    against = None
    if bar is not None:
        against = (round(float((found - bar).mean()), 4), *_interval(found - bar))
    return Row(
        dataset=test.name,
        model=name,
        ndcg_at_10=round(float(found.mean()), 4),
        ndcg_at_10_interval=(low, high),
        against_bm25=against,
        auc=round(float(np.mean([auc(~bad, each) for each in scores])), 4),
        negative_pr_auc=round(float(np.mean([average_precision(bad, -each) for each in scores])), 4),
        nonzeros_query=means[0],
        nonzeros_product=means[1],
        wacky_share=means[2],
        expansions_right_by_type=means[3],
        expansions_right_by_grade=means[4],
        seeds=list(seeds),
    )


def _by_query(test: Test, scores: NDArray) -> NDArray[np.float64]:
    if test.gains:
        return ndcg_of_gains(np.array(test.gains)[test.grades.astype(int)], scores, test.query_of)
    return ndcg(test.grades, scores, test.query_of)


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """95 % of the means of resampled queries."""
    low, high = bootstrap_interval(values)
    return round(low, 4), round(high, 4)

"""Who asks for a thing finds the thing: on real titles, by BM25 as every catalogue has it before a model is trained.

ESCI-150 has no categories: whether a title is the thing is told by words of it, which were read once beside the titles.
"""

from __future__ import annotations

import re

import pytest

from core.data.source import outside_data
from core.data.sources.esci150.files import FILES, read_products
from core.relevance.index import Product
from core.relevance.searcher import Searcher
from core.relevance.stores.index_store import WORDS, build, encoder_of

pytestmark = pytest.mark.skipif(
    not all((outside_data() / name).is_file() for name in FILES), reason="ESCI-150 is not on this machine"
)
THINGS = {  # what is asked for → words of the thing, and words of what is another one
    "dress": ("dress", "belt|pants?|shirt|sandal|shoe|pump|heel|slack|trouser|suit|tuxedo|vest|loafer"),
    "sofa": ("sofa|couch|futon", "pillow|cover|frame|tray|table|cushion|blanket|desk"),
    "headphone": ("headphone|headset", "adapter|cover|converter|stand"),
    "headphones": ("headphone|headset", "adapter|cover|converter|stand"),
    "earbuds": ("earbud", "adapter|cover|converter|cleaning"),
    "lunch box": ("lunch ?box|bento", "utensil"),
    "mattress": ("mattress", "topper|pad|protector|cover|sheet|pillow"),
    "backpack": ("backpack", "earring"),
    "water bottle": ("bottle", "scrubber|brush|holder|sleeve"),
    "guitar": ("guitar", "cable|stand|shirt|book|capo|pedal"),
    "microphone": ("microphone|mic", "headphone|headset|earbud|mixer"),
    "slippers": ("slipper", "insole"),
    "wig": ("wig", "stand"),
    "toothpaste": ("toothpaste", "dispenser|holder"),
    "skirt": ("skirt", "bed skirt|hanger"),
    "belt": ("belt", "sander|hanger"),
    "sandals": ("sandal", "insole"),
    "basketball": ("basketball", "shoe|shirt|gift card|game|short|hoop"),
    "sunglasses": ("sunglass", "cloth"),
    "thermostat": ("thermostat", "cover|adapter|guard"),
}
FEW = {
    "laptop": ("VivoBook|HP Stream|Inspiron", 3, 5),
    "kindle": ("^(?!.*(case|card)).*kindle", 6, 6),
    "printer": ("All-in-One", 2, 2),
    "tablets for coffee machines": ("tablet", 3, 3),
}
"""Things of which there are not ten: words of them, how many there must be, among how many first hits."""


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    products = read_products(outside_data() / FILES[1])
    made = [Product(key, title) for key, title in zip(products.keys, products.titles, strict=True)]
    return build(encoder_of(WORDS, products.titles), made)


def found(searcher: Searcher, query: str, most: int) -> list[str]:
    return [searcher.index.product(int(row)).title for row in searcher.search(query, most).rows]


@pytest.mark.parametrize("query", THINGS)
def test_most_of_the_first_ten_are_the_thing(searcher: Searcher, query: str) -> None:
    is_it, is_other = (re.compile(rf"\b({words})(e?s)?\b", re.IGNORECASE) for words in THINGS[query])
    titles = found(searcher, query, 10)
    assert sum(bool(is_it.search(title)) and not is_other.search(title) for title in titles) >= 8, titles


@pytest.mark.parametrize("query", FEW)
def test_the_few_that_there_are_come_first(searcher: Searcher, query: str) -> None:
    words, least, among = FEW[query]
    titles = found(searcher, query, among)
    assert sum(bool(re.search(words, title, re.IGNORECASE)) for title in titles) >= least, titles

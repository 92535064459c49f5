"""A worked example of each kind of file that can be brought: small, made up, and read as it stands."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

COLOURS, THINGS = ("red", "blue", "green", "oak"), ("sofa", "lamp", "chair", "shelf", "rug")
Rows = Iterator[Sequence[object]]


@dataclass(frozen=True)
class Template:
    """An example; the first row is its header."""

    name: str
    title: str
    about: str
    rows: Callable[[random.Random], Rows]

    @property
    def file(self) -> str:
        return f"example_{self.name}.csv"

    def text(self) -> str:
        """The file, the same each time."""
        target = io.StringIO(newline="")
        csv.writer(target, lineterminator="\n").writerows(self.rows(random.Random(7)))
        return target.getvalue()


def _table(draw: random.Random) -> Rows:
    yield "customer_id", "day", "zip", "channel", "age", "basket", "click", "buy", "spend"
    for row in range(400):
        channel, age, basket = (
            draw.choice(("web", "app", "till")),
            draw.randint(18, 79),
            round(draw.gammavariate(2, 20), 2),
        )
        click = int(draw.random() < (0.5 if channel == "app" else 0.2) + 0.002 * basket)
        buy = int(click and draw.random() < 0.5) if draw.random() < 0.9 else ""
        spend = round(basket * draw.uniform(0.5, 1.5), 2) if buy else ""
        yield (f"{row:05d}", f"2026-03-{1 + row // 14:02d}", draw.choice(("01220", "94107", "10001")), channel,
               age if draw.random() < 0.95 else "NA", basket, click, buy, spend)  # fmt: skip


def _events(draw: random.Random) -> Rows:
    yield "user", "item", "time", "type", "category", "brand", "price"
    for user in range(40):
        taste = user % len(THINGS)
        for event in range(draw.randint(8, 16)):
            at = taste if draw.random() < 0.7 else draw.randrange(len(THINGS))
            kind = draw.choice(("click", "click", "click", "cart", "purchase"))
            number = draw.randrange(6)
            moment = f"2026-03-{1 + 2 * event // 2:02d} {8 + event % 12:02d}:{draw.randint(0, 59):02d}:00"
            yield f"u{user:03d}", f"{at}{number:02d}", moment, kind, THINGS[at], f"brand {number % 3}", 10 + 5 * number


def _pairs(draw: random.Random) -> Rows:
    yield "query", "product_id", "title", "label"
    for number, (colour, thing) in enumerate((c, t) for c in (*COLOURS, "grey", "white", "black") for t in THINGS):
        other = draw.choice([one for one in COLOURS if one != colour])
        shown = (
            (colour, thing, 2),
            (other, thing, 1),
            (colour, draw.choice([one for one in THINGS if one != thing]), 0),
        )
        for place, (tint, what, grade) in enumerate(shown):
            yield f"{colour} {thing}", f"P{number:03d}{place}", f"{tint} {what} model {draw.randint(1, 99)}", grade


def _clicks(draw: random.Random) -> Rows:
    yield "query", "title", "position", "clicked"
    for colour, thing in ((c, t) for c in (*COLOURS, "grey", "white", "black") for t in THINGS):
        pairs = [(tint, what) for tint in (colour, "red", "oak") for what in THINGS]
        for _ in range(8):
            for position, (tint, what) in enumerate(draw.sample(pairs, 5), 1):
                share = (0.1 + 0.6 * (tint == colour)) * (what == thing) + 0.03
                clicked = int(draw.random() < share * position**-0.5)
                yield f"{colour} {thing}", f"{tint} {what} model {len(what)}", position, clicked


def _catalogue(draw: random.Random) -> Rows:
    yield "product_id", "title", "category"
    for number in range(60):
        thing = draw.choice(THINGS)
        yield f"{number:04d}", f"{draw.choice(COLOURS)} {thing} model {draw.randint(1, 99)}", f"{thing}s"


def _overrides(draw: random.Random) -> Rows:
    yield "word", "action", "value", "scope", "target"
    yield "lamp", "scale", 0.5, "term", ""
    yield "shade", "forbid", "", "query", "red lamp"
    yield "sofa", "set", 1.5, "product", "0007"
    yield "oak", "scale", 2, "category", "chairs"


TEMPLATES: dict[str, Template] = {
    one.name: one
    for one in (
        Template("table", "Table", "a row a case, a column a feature or a label; empty where nobody knows", _table),
        Template("events", "Events", "a row an event: who did what with which item, and when", _events),
        Template("pairs", "Judged pairs", "a row a judgement: query, product and how well they fit, 0 for not", _pairs),
        Template("clicks", "Search log", "a row a product shown for a query: its place, and whether clicked", _clicks),
        Template("catalogue", "Catalogue", "a row a product with its title, to be searched", _catalogue),
        Template("overrides", "Changes by hand", "a row a word whose weight changes, and where it does", _overrides),
    )
}

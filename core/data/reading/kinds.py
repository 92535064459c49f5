"""What the cells of a column are: text, numbers, times or lists, and in which notation they are written; how each
becomes a value is in `cells`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.data.reading.options import NULL_WORDS, ReaderOptions

MOST_FAILED = 0.05  # share of known cells of a column of numbers or times that may be something else
FEWEST_ODD = 3  # at least so many cells of a column must be numbers before others count as failed
SIGNS = "$€£¥₹₩₽₺₴฿"
CURRENCIES = (
    "EUR|USD|GBP|CHF|JPY|CNY|RMB|SEK|NOK|DKK|PLN|CZK|HUF|INR|CAD|AUD|NZD|BRL|TRY|RUB|KRW|SGD|HKD|MXN|ZAR|kr|zł|Kč|Rs"
)
MINUS = "\u2212\u2013\uff0d"  # signs that are typed for a minus
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DAYS = "mon|tue|wed|thu|fri|sat|sun"
_ISO = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T]\d{1,2}:\d{2}.*)?|(19|20)\d\d-(0[1-9]|1[0-2])")
COMPACT = r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
"""SQL and Python: a date of digits alone, 20260301."""
SERIAL = r"[2-7]\d{4}(\.\d+)?"
"""SQL and Python: days since 1900 as a workbook counts them; 46082 is 1 March 2026."""
SLASHED = r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}"
"""SQL: how a date begins whose day and month may change places."""
_SLASHED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})([ T,]+\d{1,2}:\d{2}.*)?")
_WORDED = re.compile(
    rf"(({DAYS})[a-z]*,? +)?(\d{{1,2}}[-/ ]({_MONTHS})[a-z]*[-/ ,]+\d{{2,4}}"
    rf"|({_MONTHS})[a-z]*\.? \d{{1,2}},? \d{{4}}).*",
    re.I,
)
_LEADING_ZERO = re.compile(r"[+-]?0\d+")
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.I)
_COMMA = re.compile(r"[+-]?\d*,\d+")
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?")  # 1,234,567 and 12,34,567
_SPACE_GROUPS = re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?")
_APOSTROPHE_GROUPS = re.compile(r"[+-]?\d{1,3}(['’]\d{3})+(\.\d+)?")
_DATES = {"iso": _ISO, "slashed": _SLASHED, "worded": _WORDED}
MIXED_DATES = "dates written in several ways are kept as words; write them all in one way, as 2026-03-01"


@dataclass(frozen=True)
class Notation:
    """How a file writes numbers and dates; `ask` says what could be read in two ways."""

    decimal: str = "."
    thousands: str = ""
    date_order: str | None = None  # None: no date needs it, or both orders fit
    ask: tuple[str, ...] = ()


_AROUND = re.compile(rf"^({CURRENCIES})\b\.?\s*|(?<=[\d\s])\s*({CURRENCIES})\.?$", re.I)
_MINUS = re.compile(f"[{MINUS}]")
_IN_PARENTHESES = re.compile(r"\(\s*([^()+-]*\d[^()]*)\)")


def stripped(cell: str) -> str:
    """A cell without what may stand around a number: blanks, a currency, a percent sign; what is below zero by
    parentheses, (1.00), or by a minus behind it, 1.00-, with its minus in front."""
    bare = cell.strip()
    if PLAIN.fullmatch(bare):  # most cells by far
        return bare
    bare = _MINUS.sub("-", bare)
    if inner := _IN_PARENTHESES.fullmatch(bare):
        bare = f"-{inner[1].strip()}"
    sign = "-" if bare.startswith("-") else ""
    bare = _AROUND.sub("", bare.removeprefix("-").strip()).strip(SIGNS).removesuffix("%").strip().strip(SIGNS).strip()
    if not sign and bare.endswith("-") and bare[:-1].strip()[-1:].isdigit():
        return f"-{bare[:-1].strip()}"
    return f"{sign}{bare}" if bare else cell.strip()


def found_notation(
    samples: dict[str, list[str]],
    options: ReaderOptions,
    delimiter: str | None,
    days: Mapping[str, tuple[int, int]] | None = None,
) -> Notation:
    """From different cells of each column: decimal and thousands sign, and the order of day and month.

    `days`: of each column of dates, in how many of all rows the first number and the second one are above 12.
    """
    decimal, thousands, asked = _found_signs(samples, options, delimiter)
    order = options.date_order
    if order is None:
        dates = {
            name: [m for m in map(_SLASHED.fullmatch, map(str.strip, cells)) if m] for name, cells in samples.items()
        }
        dates = {name: found for name, found in dates.items() if len(found) > 0.9 * len(samples[name])}
        every = [match for found in dates.values() for match in found]
        above = [days[name] for name in dates if days and name in days]
        firsts = sum(one for one, _ in above) or sum(int(match[1]) > 12 for match in every)
        seconds = sum(two for _, two in above) or sum(int(match[3]) > 12 for match in every)
        first, second = firsts > MOST_FAILED * seconds, seconds > MOST_FAILED * firsts  # the few others are no dates
        points = bool(every) and all(match[2] == "." for match in every)  # 03.04.2026 is never written month first
        order = "dmy" if (first or points) and not second else "mdy" if second and not first else None
        if not order and every and not (first and second):
            name = next(iter(dates))
            asked.append(
                f"Column {name} can be read with the day first or the month first ({dates[name][0][0]!r} and all "
                "others fit both); say option date_order=dmy or option date_order=mdy."
            )
    return Notation(decimal, thousands, order, tuple(asked))


def _found_signs(
    samples: dict[str, list[str]], options: ReaderOptions, delimiter: str | None
) -> tuple[str, str, list[str]]:
    asked: list[str] = []
    votes = {",": 0, ".": 0, "group,": 0, "group.": 0, "group ": 0, "group'": 0, "either": 0}
    example = ""
    for cells in samples.values():
        known = [stripped(cell) for cell in cells if cell.strip() and cell not in NULL_WORDS]
        if not known or not _numeric(known):
            continue
        commas = [cell for cell in known if "," in cell]
        grouped = [cell for cell in commas if _COMMA_GROUPS.fullmatch(cell)]
        zero = any(re.fullmatch(r"[+-]?0?,\d+", cell) for cell in commas)
        if (
            commas
            and (len(grouped) < len(commas) or zero)
            and not any("." in cell and _COMMA_GROUPS.fullmatch(cell) for cell in commas)
        ):
            votes[","] += 1
        elif grouped:
            sure = any(cell.count(",") > 1 or "." in cell for cell in grouped)
            votes["group," if sure or delimiter == "," else "either"] += 1
            example = example or grouped[0]
        points = [cell for cell in known if "." in cell]
        votes["."] += any(not _POINT_GROUPS.fullmatch(cell) for cell in points) or any(
            c.startswith(("0.", "-0.")) for c in points
        )
        votes["group."] += any(cell.count(".") > 1 or ("," in cell) for cell in points if _POINT_GROUPS.fullmatch(cell))
        votes["group "] += any(map(_SPACE_GROUPS.fullmatch, known))
        votes["group'"] += any(map(_APOSTROPHE_GROUPS.fullmatch, known))
    decimal = options.decimal or ("," if votes[","] or (votes["group."] and not votes["."]) else ".")
    if votes["either"] and options.decimal is None and options.thousands is None and decimal == ".":
        if not votes["."] and delimiter in (";", "\t"):
            asked.append(
                f"{example!r} can be {example.replace(',', '')} or {example.replace(',', '.')}: taken with the comma "
                "between thousands; if it is the decimal sign, say option decimal=comma."
            )
        votes["group,"] += 1
    if options.thousands is not None:
        return decimal, options.thousands, asked
    groups = [sign for sign in (",", ".", " ", "'") if votes[f"group{sign}"] and sign != decimal]
    if decimal == "," and not groups and not votes["."]:
        groups = ["."]
    return decimal, groups[0] if groups else "", asked


def _numeric(known: Sequence[str]) -> bool:
    """Whether most cells are numbers in one notation or another."""
    forms = (PLAIN, _COMMA, _POINT_GROUPS, _COMMA_GROUPS, _SPACE_GROUPS, _APOSTROPHE_GROUPS)
    fits = sum(any(form.fullmatch(cell) for form in forms) for cell in known)
    return fits >= max(1, (1 - MOST_FAILED) * len(known)) or fits >= max(FEWEST_ODD, 0.5 * len(known))


def form_of(cells: Sequence[str]) -> str:
    """What different cells of a column look like: zeros, number, iso, slashed, worded, list, yes_no or text."""
    known = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in NULL_WORDS]
    if not known:
        return "empty"
    if any(map(_LEADING_ZERO.fullmatch, known)):
        return "zeros"
    if sum(cell.lstrip("+-").isdigit() and len(cell.lstrip("+-")) > 18 for cell in known) > 0.5 * len(known):
        return "zeros"
    for name, form in _DATES.items():
        if _most(sum(bool(form.fullmatch(cell)) for cell in known), len(known)):
            return name
    if _numeric([stripped(cell) for cell in known]):
        return "number"
    if all(cell.startswith("[") and cell.endswith("]") for cell in known):
        return "list"
    if sum("|" in cell for cell in known) > 0.5 * len(known):
        return "list"
    return "text"


def note_of_words(cells: Sequence[str]) -> str:
    """What is to be said of a column that stays text: nearly all cells are dates, and no one way of writing fits."""
    known = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in NULL_WORDS]
    dates = sum(any(form.fullmatch(cell) for form in _DATES.values()) for cell in known)
    return MIXED_DATES if known and _most(dates, len(known)) else ""


def dates_of_digits(cells: Sequence[str], dated: bool) -> str:
    """`compact` or `serial`, where all cells are dates written so; `dated`: the column's name says that it holds
    dates, or a person."""
    known = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in NULL_WORDS]
    for name, form in (("compact", COMPACT), ("serial", SERIAL)):
        if dated and known and all(re.fullmatch(form, cell) for cell in known):
            return name
    return ""


def _most(count: int, of: int) -> bool:
    return count >= max(1, (1 - MOST_FAILED) * of) or count >= max(FEWEST_ODD, 0.8 * of)

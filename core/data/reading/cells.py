"""SQL by which a cell of text becomes a number, a time or a list, in the notation of its file."""

from __future__ import annotations

from core.data.parquet import literal
from core.data.reading.kinds import COMPACT, CURRENCIES, DAYS, MINUS, PLAIN, SERIAL, SIGNS, Notation


def number_sql(column: str, notation: Notation) -> str:
    """SQL: the cell as a DOUBLE in the file's notation, NULL where it is none."""
    cell = f"trim({column}, ' \t\u00a0')"
    bare = _bare_sql(cell)
    decimal = "," if notation.decimal == "," else r"\."
    group = {"": "", ",": ",", ".": r"\.", " ": "[ \u00a0\u202f]", "'": "['’]"}[notation.thousands]
    groups = r"\d{1,3}(,\d{2,3})*,\d{3}" if group == "," else rf"\d{{1,3}}({group}\d{{3}})+"
    whole = rf"(\d+|{groups})" if group else r"\d+"
    form = rf"[+-]?({whole}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?"
    digits = f"regexp_replace({bare}, {literal(group)}, '', 'g')" if group else bare
    if notation.decimal == ",":
        digits = f"replace({digits}, ',', '.')"
    written = f"CASE WHEN regexp_full_match({bare}, {literal(form)}) THEN try_cast({digits} AS DOUBLE) END"
    endless = f"CASE WHEN regexp_full_match(lower({cell}), '[+-]?inf(inity)?') THEN try_cast({cell} AS DOUBLE) END"
    if notation.decimal == "." and notation.thousands != ".":
        plain = f"CASE WHEN regexp_full_match({cell}, {literal(PLAIN.pattern)}) THEN try_cast({cell} AS DOUBLE) END"
        return f"coalesce({plain}, {written}, {endless})"
    return f"coalesce({written}, {endless})"


def _bare_sql(cell: str) -> str:
    """SQL: what `stripped` makes of a cell."""
    signs = f"[{SIGNS}% \u00a0]"
    minus = f"regexp_replace({cell}, '[{MINUS}]', '-', 'g')"
    below = rf"regexp_replace({minus}, '^\(([^()+-]*\d[^()]*)\)$', '-\1')"
    before = literal(rf"^(-?)(?:{signs}|(?i:{CURRENCIES})\b\.?)+")
    behind = literal(rf"(?:{signs}|(?i:{CURRENCIES})\.?)+(-?)$")
    front = rf"regexp_replace({below}, {before}, '\1')"
    back = rf"regexp_replace({front}, {behind}, '\1')"
    return rf"regexp_replace({back}, '^([^-].*\d)\s*-$', '-\1')"


def time_sql(column: str, order: str | None) -> str:
    """SQL: the cell as a TIMESTAMP, NULL where it is none; dates with slashes only where their order is known."""
    cell = f"trim({column})"
    iso = f"regexp_replace({cell}, '^(\\d{{4}})[/.](\\d{{1,2}})[/.](\\d{{1,2}})', '\\1-\\2-\\3')"
    dated = rf"regexp_matches({cell}, '^\d{{4}}[-/.]\d')"
    zoned = rf"regexp_matches({cell}, ':\d\d(\.\d+)? ?([A-Za-z]+(/[A-Za-z_]+)?|[+-]\d\d(:?\d\d)?)$')"
    moment = f"make_timestamp(epoch_us(try_cast({iso} AS TIMESTAMPTZ)))"  # in UTC; a plain cast forgets the zone
    tried = [f"CASE WHEN {dated} THEN CASE WHEN {zoned} THEN {moment} ELSE try_cast({iso} AS TIMESTAMP) END END"]
    if order:
        day, month = ("\\1", "\\2") if order == "dmy" else ("\\2", "\\1")
        for year, form in (("\\3", r"(\d{4})"), ("20\\3", r"(\d{2})")):
            pattern = rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.]{form}(?:[ T,]+(.*))?$"
            whole = (
                f"trim(regexp_replace({cell}, {literal(pattern)}, {literal(f'{year}-{month}-{day} ' + chr(92) + '4')}))"
            )
            hours = "%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %H:%M', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d"
            tried.append(
                f"CASE WHEN regexp_matches({cell}, {literal(pattern)}) "
                f"THEN coalesce(try_strptime({whole}, ['{hours}']), "
                f"try_cast({whole} AS TIMESTAMP)) END"
            )
    worded = (
        "'%d-%b-%Y', '%d %b %Y', '%d %B %Y', '%b %d, %Y', '%B %d, %Y', '%d-%b-%y', '%d/%b/%Y', '%d/%b/%Y:%H:%M:%S', "
        "'%d-%b-%Y %H:%M:%S', '%d %b %Y %H:%M:%S', '%b %d, %Y %H:%M:%S', '%b %d %Y %H:%M:%S', '%d-%b-%Y %H:%M', "
        "'%d %b %Y %H:%M', '%b %d %Y'"
    )
    tried += [_worded_sql(cell, worded), *_digits_sql(cell)]
    return f"coalesce({', '.join(tried)})"


def _worded_sql(cell: str, forms: str) -> str:
    """SQL: a time with the month's name, the weekday in front or not, in UTC where an offset stands behind it."""
    day = rf"regexp_replace({cell}, '^(?i:{DAYS})[a-z]*,? +', '')"
    bare = rf"regexp_replace({day}, ' *(?:GMT|UTC|Z)?(?:[+-]\d\d:?\d\d)?(?: \(.*\))?$', '')"
    zone = r":\d\d *(?:GMT|UTC)?([+-])(\d\d):?(\d\d)(?: \(.*\))?$"
    sign, hours, minutes = (f"regexp_extract({cell}, '{zone}', {group})" for group in (1, 2, 3))
    offset = (
        f"try_cast({sign} || '1' AS INTEGER) * (60 * try_cast({hours} AS INTEGER) + try_cast({minutes} AS INTEGER))"
    )
    value = f"try_strptime({bare}, [{forms}]) - to_minutes(coalesce({offset}, 0))"
    return f"CASE WHEN regexp_matches({cell}, '[A-Za-z]{{3}}') THEN {value} END"


def _digits_sql(cell: str) -> list[str]:
    """SQL: a date of digits alone, days as a workbook counts them, a month."""
    days = f"TIMESTAMP '1899-12-30' + to_seconds(round(try_cast({cell} AS DOUBLE) * 86400))"
    month = r"(19|20)\d\d-\d\d"
    return [
        f"CASE WHEN regexp_full_match({cell}, '{COMPACT}') THEN try_strptime({cell}, '%Y%m%d') END",
        f"CASE WHEN regexp_full_match({cell}, '{SERIAL}') THEN {days} END",
        f"CASE WHEN regexp_full_match({cell}, '{month}') THEN try_cast({cell} || '-01' AS TIMESTAMP) END",
    ]


def list_sql(source: str) -> str:
    """SQL: `a|b`, `["a", "b"]`, `a;b`, `a,b` or `a b` as a list of words."""
    inner = f"regexp_replace({source}, '^\\s*\\[|\\]\\s*$', '', 'g')"
    sign = (
        f"CASE WHEN contains({source}, '|') THEN '|' WHEN contains({source}, ';') THEN ';' "
        f"WHEN contains({source}, ',') THEN ',' ELSE ' ' END"
    )
    parts = f"list_transform(string_split({inner}, {sign}), lambda x: trim(x, ' \"'''))"
    return f"CASE WHEN trim({source}) <> '' THEN list_filter({parts}, lambda x: x <> '') END"

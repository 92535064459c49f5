"""One HTML page that needs nothing else and is made for paper: its style and its frame."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

STYLE = """
@page { size: A4; margin: 16mm; }
body { font: 14px/1.42 system-ui, sans-serif; color: #1F2328; background: #fff; max-width: 46rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.35rem; margin: 0 0 .4rem; }
h2 { font-size: 1rem; margin: 1rem 0 .2rem; }
h3 { font-size: .95rem; margin: .7rem 0 .1rem; }
p { margin: .35rem 0; }
p.verdict { font-size: 1.05rem; border-left: 4px solid #0072B2; padding-left: .7rem; }
p.line { border-bottom: 1px solid #80848E; height: 1.5rem; margin: 0 0 .5rem; }
p.screen { border: 1px solid #80848E; border-radius: 4px; padding: .2rem .6rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .45rem; border-bottom: 1px solid #D8DCE1; }
th:first-child, td:first-child { text-align: left; }
ul, ol { margin: .2rem 0; padding-left: 1.4rem; }
ul.boxes { list-style: "☐  "; }
svg { max-width: 100%; height: auto; }
code { overflow-wrap: anywhere; }
footer { color: #59636E; font-size: .95em; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 12px; } svg { max-height: 75mm; }
  table, svg, p.verdict, li { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""


def paper(title: str, body: str, language: str = "en") -> str:
    """The whole page; `body` is HTML, `title` is shown letter by letter."""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def bullets(notes: Iterable[str]) -> str:
    """A list of texts, each shown letter by letter."""
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of texts, each shown letter by letter."""
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"

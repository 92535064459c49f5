"""What of the texts that a page shows would become markup in a browser: read from the page's elements as they are sent.

Streamlit shows most strings as GitHub's Markdown. Each is parsed by that grammar here, and whatever becomes a link, an
image or HTML with the mark of a payload is found.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

MARK = "evil.example"
PAYLOADS = (
    f"![i](http://{MARK}/a.png)",
    f"[click](http://{MARK})",
    f"<img src=http://{MARK}/b.png onerror=alert(1)>",
    f"<script src=//{MARK}/c.js></script>",
    f"<a href='javascript:alert(1)//{MARK}'>x</a>",
    f"**b** `c` :red[r] :material/home: $x$ http://{MARK}/d",
    f"www.{MARK} <http://{MARK}> a@{MARK}",
    f"](http://{MARK}) ![][{MARK}]\n\n[{MARK}]: http://{MARK}/e",
    f'"><svg onload=alert(1)><image href=http://{MARK}/f>',
)
"""Texts that would load or lead to another site, each in its own way."""

PLAIN = {
    "id", "form_id", "url", "page", "page_script_hash", "query_string", "icon", "key", "value", "default",
    "placeholder", "element_id", "group_id", "json", "json_args", "data", "spec", "figure", "type", "width", "height",
    "url_path",
    "color", "format", "mime_type", "raw_text", "code_text", "language", "text", "css", "js", "mixed", "columns",
    "arrow_data", "bytes", "block_id", "component_name", "html_content", "js_content", "css_content", "session_info",
    "formatted_value", "user_key", "selection", "config", "file_name", "theme", "unit", "string_value",
}  # fmt: skip
"""Fields of elements that are no Markdown: names, values that are typed or chosen, data, text shown by letters."""
LETTERS = {("Selectbox", "options"), ("MultiSelect", "options"), ("Text", "body"), ("Toast", "icon")}
HTML = {("Html", "body")}
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
BARE = re.compile(r"https?://[-.\w]+|www\.[-.\w]+|[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE)
"""Addresses that GitHub's Markdown makes links of in the text that is left once all else is read, escaped or not."""


def markup(app: AppTest) -> list[str]:
    """Every string of the page that leads or loads what a payload names, with where it stands."""
    found: list[str] = []
    _look(app._tree, found)
    return found


def texts(app: AppTest) -> str:
    """All that the page shows, to see that the payloads were on it at all."""
    seen: list[str] = []
    _look(app._tree, [], seen)
    return "\n".join(seen)


def _look(node: Any, found: list[str], seen: list[str] | None = None) -> None:
    proto = getattr(node, "proto", None)
    if proto is not None and hasattr(proto, "ListFields"):
        _fields(proto, found, seen)
    for child in getattr(node, "children", {}).values():
        _look(child, found, seen)


def _fields(proto: Any, found: list[str], seen: list[str] | None) -> None:
    kind = proto.DESCRIPTOR.name
    for field, value in proto.ListFields():
        if field.message_type is not None:
            for one in value.values() if hasattr(value, "values") else value if _is_list(value) else [value]:
                if hasattr(one, "ListFields"):
                    _fields(one, found, seen)
            continue
        for text in value if _is_list(value) else [value]:
            if not isinstance(text, str) or field.name in PLAIN or (kind, field.name) in LETTERS:
                continue
            if seen is not None:
                seen.append(text)
            if MARK.split(".")[0] not in text:
                continue
            becomes = _html(text) if (kind, field.name) in HTML else links_and_images(text)
            found += [f"{kind}.{field.name}: {one} of {text[:160]!r}" for one in becomes]


def _is_list(value: Any) -> bool:
    return not isinstance(value, str | bytes) and hasattr(value, "__iter__")


def links_and_images(text: str) -> list[str]:
    """Links, images and HTML that the text becomes."""
    found = []
    for token in MARKDOWN.parse(text):
        for one in [token, *(token.children or [])]:
            if one.type in ("image", "link_open", "html_inline", "html_block"):
                found.append(one.type)
            elif one.type == "text" and BARE.search(one.content):
                found.append("bare address")
    return found


def _html(text: str) -> list[str]:
    """Elements that a payload became, and those that lead or load elsewhere."""
    reader = _Reader()
    reader.feed(text)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("img", "script", "svg", "image", "iframe", "object", "embed"):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name, value in attrs
                       if name.startswith("on") or (name in ("href", "src") and MARK in (value or ""))]  # fmt: skip

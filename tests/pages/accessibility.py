"""What axe finds on a page: nothing serious or critical, light and dark."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.pages.looking import settled, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(sys.prefix) / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}
ISSUE = ("serious", "critical")
CALM = """
* { transition: none !important; animation: none !important }
[data-stale='true'], [data-stale='true'] * { opacity: 1 !important }
"""
"""What is faint for the moment of a redrawing is not looked at as faint."""
LOOK = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] })
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ target, html, any, all, none }) =>
    [html.slice(0, 160), [...any, ...all, ...none].map(found => found.message)[0] ?? '', target.flat().at(-1)]) }))
}"""


def assert_accessible(page: Page, dark_too: bool = True) -> None:
    """No serious finding of axe, in the theme that follows the system's."""
    for scheme in GROUNDS if dark_too else ["light"]:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wait_for(
            page,
            "ground => getComputedStyle(document.querySelector('.stApp')).backgroundColor === ground",
            GROUNDS[scheme],
        )
        settled(page)
        page.add_style_tag(content=CALM)
        page.evaluate(axe())
        found: list[dict[str, Any]] = page.evaluate(LOOK)
        serious = [one for one in found if one["impact"] in ISSUE]
        assert not serious, f"{scheme}: " + "\n".join(f"{one['id']} {node}" for one in serious for node in one["nodes"])


def axe() -> str:
    assert AXE.is_file(), f"{AXE} is missing; `make frontend` installs axe-core"
    return AXE.read_text(encoding="utf-8")

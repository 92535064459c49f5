"""A component of the pages: a module of `assets/` that draws into an element, and what the page says to it."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from core.charts.palette import for_browser
from core.server.assets import asset_address, asset_text

_LOADER = """\
const load = path => import(new URL(path, location.origin).href)
const [{{ usePalette }}, {{ default: mount }}] = await Promise.all([load({palette_module}), load({module})])
usePalette({palette})
export default mount
"""


def component(name: str, module: str, *, html: str, styles: tuple[str, ...], isolate_styles: bool = True) -> Any:
    """The component `name`, mounted by the default export of `module`, a path below `assets/`.

    `html` is what it finds in its element. `isolate_styles` False where plotly.js draws: it puts its styles into the
    document's head.
    """
    loader = _LOADER.format(
        palette_module=json.dumps(asset_address("shared/palette.js")),
        module=json.dumps(asset_address(module)),
        palette=json.dumps(for_browser()),
    )
    return st.components.v2.component(
        name, html=html, css=asset_text(*styles), js=loader, isolate_styles=isolate_styles
    )

"""What lies beside the pages is found below the folder that Streamlit is given."""

from __future__ import annotations

import pytest
from streamlit import config

from core.server import geometry, live
from core.server.addresses import under_base


@pytest.mark.parametrize(
    ("base", "address"), [("", "/vendor/a.js"), ("lab/one", "/lab/one/vendor/a.js"), ("/lab/", "/lab/vendor/a.js")]
)
def test_addresses_lie_below_the_base(base: str, address: str) -> None:
    config.set_option("server.baseUrlPath", base)
    try:
        assert under_base("/vendor/a.js") == address
    finally:
        config.set_option("server.baseUrlPath", "")


def test_routes_lie_below_the_base() -> None:
    config.set_option("server.baseUrlPath", "lab")
    try:
        paths = [getattr(route, "path", "") for route in (*live.routes(), *geometry.routes())]
    finally:
        config.set_option("server.baseUrlPath", "")
    assert len(paths) == 4
    assert all(path.startswith("/lab/") for path in paths)

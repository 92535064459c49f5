"""What `core.training` offers by name, and what its import costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import core.methods
import core.training


@pytest.mark.parametrize("package", [core.methods, core.training])
def test_every_public_name_is_there(package):
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match="NoSuchThing"):
        core.training.NoSuchThing  # noqa: B018


def test_configs_and_knobs_need_no_torch_and_nothing_needs_a_page():
    code = (
        "import sys\n"
        "from core.training import Knobs, RunConfig, default_run\n"
        "default_run('shop')\n"
        "print('torch' in sys.modules)\n"
        "from core.training import RunState, Trainer\n"
        "print(sorted({'streamlit', 'scipy', 'sklearn', 'plotly'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[:2] == ["False", "[]"]

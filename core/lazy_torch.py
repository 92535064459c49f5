"""`from core.lazy_torch import torch`: torch, loaded by the first use of one of its names, not by the import.

The pages and the server read what methods declare, in the same modules that hold their mathematics, and they must not
load torch: it takes seconds and hundreds of MB. From its first use on, a name is looked up as in the module itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
else:
    from importlib import import_module
    from types import ModuleType

    class _Lazy(ModuleType):
        def __getattr__(self, name: str) -> object:  # only for names that were not asked for before
            value = getattr(import_module(self.__name__), name)
            setattr(self, name, value)
            return value

    torch = _Lazy("torch")

__all__ = ["torch"]

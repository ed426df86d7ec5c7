"""The built-in functions of FEEL, one module a chapter of the standard."""

from __future__ import annotations

from casewright.feel.builtins.catalogue import BUILTINS, as_builtin, result_type

__all__ = ["BUILTINS", "as_builtin", "result_type"]

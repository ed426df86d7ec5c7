"""Regular expressions of XPath with a bound on time.

Patterns are read into a tree of our own. A search whose cost is surely small is left to Python's
``re``; any other runs on an automaton that takes steps proportional to the text, paid from the
budget. The choice depends on pattern and length only, and both give the same matches.
"""

from __future__ import annotations

from casewright.feel.regex.pattern import Match, Pattern, compile_pattern

__all__ = ["Match", "Pattern", "compile_pattern"]

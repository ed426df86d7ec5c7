"""What cells of one evaluation read."""

from __future__ import annotations

from typing import Any


class Frame:
    """The inputs of a table, and behind them what the caller's expressions read.

    Attributes:
        view: what the caller's expressions read.
        args: values of the inputs in the table's order.
    """

    __slots__ = ("args", "view")

    def __init__(self, view: Any, args: tuple[Any, ...]) -> None:
        self.view: Any = view.view if isinstance(view, Frame) else view
        self.args = args

    def __getattr__(self, name: str) -> Any:
        """Return what the caller's view has under this name."""
        return getattr(self.view, name)

    def __getitem__(self, name: Any) -> Any:
        """Return what the caller's view has under this key, where it is a mapping."""
        return self.view[name]

"""Tables that call each other in a circle: such a call would never end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def calling_circles(calls: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return circles among tables, each as the names along it, the first one repeated at the end.

    Args:
        calls: for each table the tables that its cells call; names that are no key are left out.

    Returns:
        At least one circle for each table that is in one with a table before it; none where no
        table calls itself by way of others.
    """
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for root in calls:
        path: list[str] = []
        ways: list[Iterator[str]] = [iter((root,))]
        while ways:
            name = next(ways[-1], None)
            if name is None:
                ways.pop()
                if path:
                    done.add(path.pop())
            elif name in path:
                found.append((*path[path.index(name) :], name))
            elif name not in done and name in calls:
                path.append(name)
                ways.append(iter(calls[name]))
    return found

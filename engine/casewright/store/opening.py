"""Stores by URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlsplit

from casewright.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.store.port import CaseStore
    from casewright.store.sqlite_schema import Synchronous


def open_store(url: str | None) -> CaseStore:
    """Return the store that ``url`` names.

    Args:
        url: ``memory`` or None; ``sqlite:///relative.db``, ``sqlite:////absolute.db``, with
            ``?synchronous=full`` to outlive the machine; the scheme of a plugin.

    Raises:
        HostError: the file cannot be opened.
        ValueError: no store has this scheme or option.
    """
    if url is None or url in ("memory", "memory://"):
        return MemoryStore()
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _open_sqlite(parts.path, dict(parse_qsl(parts.query)))
    return _open_plugin(url, parts.scheme)


_SYNCHRONOUS: Mapping[str, Synchronous] = {"normal": "normal", "full": "full"}


def _open_sqlite(path: str, options: dict[str, str]) -> CaseStore:
    from casewright.store.sqlite import SqliteStore

    synchronous = _SYNCHRONOUS.get(options.pop("synchronous", "normal").lower())
    if options or synchronous is None:
        known = "synchronous=normal and synchronous=full"
        raise ValueError(f"a sqlite store has no such option {options or ''}; it has {known}")
    return SqliteStore(path.removeprefix("/") or ":memory:", synchronous=synchronous)


def _open_plugin(url: str, scheme: str) -> CaseStore:
    from importlib.metadata import entry_points

    for point in entry_points(group="casewright.stores"):
        if point.name == scheme:
            return cast("CaseStore", point.load()(url))
    raise ValueError(f'no store for "{url}"; use memory or sqlite:///cases.db')

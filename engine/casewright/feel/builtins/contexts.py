"""Functions on contexts. Source: DMN 1.5, table 80."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from casewright.feel.faults import FeelFault
from casewright.feel.values import is_context

if TYPE_CHECKING:
    from casewright.feel.budget import Budget

Context = Mapping[str, object]


def _get_value(_b: Budget, context: Context, key: str) -> object:
    return context.get(key)


def _get_entries(b: Budget, context: Context) -> list[Context]:
    b.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


def _put(b: Budget, context: Context, key: str, value: object) -> Context:
    b.spend(len(context))
    return {**context, key: value}


def _put_deep(b: Budget, context: Context, keys: list[object], value: object) -> Context:
    if not keys or not all(isinstance(key, str) for key in keys):
        raise FeelFault("keys must be texts")
    path = [str(key) for key in keys]
    return _placed(b, context, path, value)


def _placed(b: Budget, context: Context, path: list[str], value: object) -> Context:
    if len(path) == 1:
        return _put(b, context, path[0], value)
    inner = context.get(path[0])
    if not is_context(inner):
        raise FeelFault(f'there is no context under "{path[0]}"')
    return _put(b, context, path[0], _placed(b, inner, path[1:], value))


def _merge(b: Budget, contexts: list[object]) -> Context:
    merged: dict[str, object] = {}
    for context in contexts:
        if not is_context(context):
            raise FeelFault("context merge takes contexts only")
        b.spend(len(context))
        merged.update(context)
    return merged


def _context(b: Budget, entries: list[object]) -> Context:
    b.spend(len(entries))
    made: dict[str, object] = {}
    for entry in entries:
        if not is_context(entry) or "key" not in entry or "value" not in entry:
            raise FeelFault("each entry has a key and a value")
        key: object = entry["key"]
        if not isinstance(key, str) or key in made:
            raise FeelFault("keys are texts, each once")
        made[key] = entry["value"]
    return made


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("get value(m: context, key: string) -> any", _get_value),
    ("get entries(m: context) -> list", _get_entries),
    ("context put(context: context, key: string, value: any) -> context", _put),
    ("context put(context: context, keys: list<string>, value: any) -> context", _put_deep),
    ("context merge(contexts: list) -> context", _merge),
    ("context(entries: list) -> context", _context),
)

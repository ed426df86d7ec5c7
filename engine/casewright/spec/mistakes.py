"""From the errors of ``jsonschema`` to one diagnostic for each mistake.

Of alternatives the one that was meant is chosen, by the key of an action or the type of the value,
and only what is wrong with that one is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from casewright.errors import Diagnostic
from casewright.spec.models.actions import ACTION_KEYS
from casewright.spec.nearest import listed, nearest, suggestion
from casewright.spec.nodes import Node, find, pointer_to, steps
from casewright.spec.repairs import Repairs
from casewright.spec.wording import (
    TYPES,
    action_hint,
    actual,
    empty_hint,
    field_hint,
    group_hint,
    list_hint,
    pattern_words,
    quoted,
    type_hint,
    with_article,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casewright.errors import Span

_ACTION_KEYS = tuple(ACTION_KEYS)


class Mistakes:
    """Collects the diagnostics of one document, and how it can be mended."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.diagnostics: list[Diagnostic] = []
        self.unknown: set[tuple[str, str]] = set()
        self.missing: list[tuple[str, str, Diagnostic]] = []
        self.repairs = Repairs()

    def found(self) -> list[Diagnostic]:
        """Return the diagnostics; a key that is missing because it was misspelt is told once."""
        kept = [d for pointer, key, d in self.missing if (pointer, key) not in self.unknown]
        if kept:
            self.repairs.give_up()
        return [*self.diagnostics, *kept]

    def add(self, error: Any) -> None:
        """Take in an error of ``jsonschema``."""
        writer = getattr(self, f"_on_{error.validator.lower()}", None)
        pointer = pointer_to(error.absolute_path)
        if writer is not None:
            writer(error, pointer)
        else:
            self._put("CW109", f"{quoted(error.instance)} does not fit", pointer)
            self.repairs.give_up()

    def _put(
        self, code: str, message: str, pointer: str, hint: str = "", *, key: str | None = None
    ) -> Diagnostic:
        diagnostic = self._diagnostic(code, message, pointer, hint, key)
        self.diagnostics.append(diagnostic)
        return diagnostic

    def _diagnostic(
        self, code: str, message: str, pointer: str, hint: str, key: str | None
    ) -> Diagnostic:
        target = find(self.root, pointer)
        if key is not None and key in target.node.keys:
            place, pointer = target.node.keys[key], pointer + pointer_to([key])
        elif target.key is not None and (target.node.is_map or target.node.is_list):
            place = target.key
        else:
            place = target.node
        span: Span = place.span
        excerpt = place.source.line(span.line)
        return Diagnostic(code, "error", message, span, pointer, hint, (), excerpt)

    def _on_additionalproperties(self, error: Any, pointer: str) -> None:
        known = error.schema.get("properties", {})
        what = with_article(error.schema.get("title", "map"))
        for key in error.instance:
            if key in known:
                continue
            absent = [name for name in known if name not in error.instance]
            meant = nearest(key, absent) or nearest(key, known)
            parent = find(self.root, pointer).node
            if meant is not None and meant in absent:
                self.repairs.rename(parent, key, meant)
            else:
                self.repairs.remove(parent, key)
            if meant is not None:
                self.unknown.add((pointer, meant))
                hint = f'did you mean "{meant}"?'
            else:
                hint = list_hint(parent, key) or group_hint(key, known)
                hint = hint or (f"known: {listed(known, 24)}" if known else "")
            self._put("CW104", f'unknown key "{key}" in {what}', pointer, hint, key=key)

    def _on_required(self, error: Any, pointer: str) -> None:
        key = next(
            (k for k in error.validator_value if f"'{k}'" in error.message[: len(k) + 2]), ""
        )
        what = with_article(error.schema.get("title", "map"))
        shown = error.schema.get("properties", {}).get(key, {}).get("description", "")
        hint = f"{key}: {shown[:1].lower()}{shown[1:]}".rstrip(".") if shown else ""
        message = f'the key "{key}" is missing in {what}'
        self.missing.append((pointer, key, self._diagnostic("CW105", message, pointer, hint, None)))

    def _on_type(self, error: Any, pointer: str) -> None:
        expected = error.validator_value
        types = [expected] if isinstance(expected, str) else expected
        form, title = (str(error.schema.get(key, "")) for key in ("format", "title"))
        self._wrong_type(types, pointer, form, title)

    def _wrong_type(
        self, expected: Iterable[str], pointer: str, form: str = "", title: str = ""
    ) -> None:
        target = find(self.root, pointer)
        node = target.node
        wanted = list(dict.fromkeys(expected))
        if {"string", "boolean", "number"} <= set(wanted):
            wanted = [kind for kind in wanted if kind not in ("boolean", "number")]
        words = " or ".join(TYPES[kind] for kind in wanted)
        name = f'"{target.key.text()}"' if target.key is not None else "this"
        is_duration = form == "casewright-duration" and isinstance(node.value, int)
        self._retype(pointer, node, wanted, is_duration=is_duration)
        if node.is_empty:
            hint = field_hint(node) if title == "field" else empty_hint(wanted)
            self._put("CW106", f"{name} has no value; {words} is expected", pointer, hint)
            return
        what = actual(node)
        message = f"{name} is {what}; {words} is expected"
        unit = f'a duration has a unit, such as "{node.text()} minutes"'
        hint = field_hint(node) if title == "field" else type_hint(node, wanted)
        self._put("CW106", message, pointer, unit if is_duration else hint)

    def _retype(self, pointer: str, node: Node, wanted: list[str], *, is_duration: bool) -> None:
        if is_duration:
            self.repairs.replace(node, f"{node.text()} minutes")
            return
        above, _, key = pointer.rpartition("/")
        parent = find(self.root, above).node if pointer else None
        self.repairs.retype(parent, next(iter(steps("/" + key)), ""), node, wanted)

    def _on_enum(self, error: Any, pointer: str) -> None:
        if not isinstance(error.instance, str) and "string" in error.schema.get("type", "string"):
            self._wrong_type(["string"], pointer)
            return
        values = [str(value) for value in error.validator_value]
        message = f"{quoted(error.instance)} is not possible"
        if error.instance in ("list", "array") and "attachment" in values:
            self.repairs.give_up()
            self._put("CW107", message, pointer, "write type: string, many: true, or such")
            return
        self._on_value(error, pointer, "CW107", message, values)

    def _on_value(
        self, error: Any, pointer: str, code: str, message: str, values: list[str]
    ) -> None:
        key = error.instance if _is_key(error) else None
        meant = nearest(str(error.instance), values)
        self._respell(pointer, key, meant)
        hint = f'did you mean "{meant}"?' if meant else f"possible: {listed(values, 24)}"
        self._put(code, message, pointer, hint, key=key)

    def _respell(self, pointer: str, key: str | None, meant: str | None) -> None:
        """Mend a text, or a key of the map at the pointer, if it is known what is meant."""
        node = find(self.root, pointer).node
        if meant is None:
            self.repairs.give_up()
        elif key is not None:
            self.repairs.rename(node, key, meant)
        else:
            self.repairs.replace(node, meant)

    def _on_const(self, error: Any, pointer: str) -> None:
        self._on_value(
            error,
            pointer,
            "CW107",
            f"{quoted(error.instance)} is not possible",
            [str(error.validator_value)],
        )

    def _on_pattern(self, error: Any, pointer: str) -> None:
        text = error.instance
        key = text if _is_key(error) else None
        message, hint, meant = pattern_words(text, error.validator_value)
        self._respell(pointer, key, meant)
        self._put("CW108", message, pointer, hint, key=key)

    def _on_minimum(self, error: Any, pointer: str) -> None:
        limit = error.validator_value
        self.repairs.replace(find(self.root, pointer).node, limit)
        self._put("CW109", f"{error.instance} is too small", pointer, f"the least is {limit}")

    def _on_maximum(self, error: Any, pointer: str) -> None:
        limit = error.validator_value
        self.repairs.replace(find(self.root, pointer).node, limit)
        self._put("CW109", f"{error.instance} is too large", pointer, f"the greatest is {limit}")

    def _on_minitems(self, error: Any, pointer: str) -> None:
        limit = error.validator_value
        self.repairs.give_up()
        self._put("CW109", "the list is too short", pointer, f"it needs at least {limit}")

    def _on_minproperties(self, error: Any, pointer: str) -> None:
        limit = error.validator_value
        self.repairs.give_up()
        self._put("CW109", "the map is too short", pointer, f"it needs at least {limit}")

    def _on_oneof(self, error: Any, pointer: str) -> None:
        self._on_anyof(error, pointer)

    def _on_anyof(self, error: Any, pointer: str) -> None:
        branches = _branches(error)
        titles = [_resolved_title(error, index) for index in range(len(error.validator_value))]
        if any(title.startswith("action ") for title in titles):
            self._action(error, pointer, branches)
            return
        fitting = [i for i, errors in branches.items() if not _is_of_other_type(errors, error)]
        if fitting:
            chosen = min(fitting, key=lambda index: (len(branches[index]), index))
            for inner in branches[chosen]:
                self.add(inner)
            return
        expected = [t for errors in branches.values() for t in _types_of(errors, error)]
        forms = [str(e.schema.get("format", "")) for errors in branches.values() for e in errors]
        wanted = [kind for kind in expected if kind != "null"] or ["null"]
        self._wrong_type(wanted, pointer, "".join(dict.fromkeys(forms)))

    def _action(self, error: Any, pointer: str, branches: dict[int, list[Any]]) -> None:
        value = error.instance
        if not isinstance(value, dict):
            node = find(self.root, pointer).node
            message = f"an action is a map, this is {actual(node)}"
            self.repairs.give_up()
            self._put("CW106", message, pointer, action_hint(value))
            return
        written = cast("dict[str, Any]", value)
        keys = [key for key in _ACTION_KEYS if key in written]
        if len(keys) == 1:
            for inner in branches[_ACTION_KEYS.index(keys[0])]:
                self.add(inner)
        elif keys:
            message = f'an action has one key, this one has "{keys[0]}" and "{keys[1]}"'
            hint = f'begin a new entry: "- {keys[1]}: ..."'
            for key in keys[1:]:
                self.repairs.remove(find(self.root, pointer).node, key)
            self._put("CW111", message, pointer, hint, key=keys[1])
        else:
            name = next(iter(written), None)
            meant = nearest(name or "", _ACTION_KEYS)
            self._respell(pointer, name or "", meant)
            if name is None:
                self._put("CW111", "an empty action", pointer, f"known: {listed(_ACTION_KEYS)}")
                return
            message = f'unknown action "{name}"'
            self._put("CW111", message, pointer, suggestion(name, _ACTION_KEYS), key=name)


def _branches(error: Any) -> dict[int, list[Any]]:
    """Return the errors of each alternative by its index."""
    found: dict[int, list[Any]] = {index: [] for index in range(len(error.validator_value))}
    for inner in error.context:
        found[inner.schema_path[0]].append(inner)
    return {index: errors for index, errors in found.items() if errors}


def _resolved_title(error: Any, index: int) -> str:
    inner = next((e for e in error.context if e.schema_path[0] == index), None)
    if inner is None:
        return ""
    schema: dict[str, Any] = inner.schema if len(inner.relative_path) == 0 else {}
    return str(schema.get("title", "")) or str(inner.parent.schema.get("title", ""))


def _is_of_other_type(errors: list[Any], parent: Any) -> bool:
    """Whether an alternative is for another type of value: it says so about the value itself."""
    return any(True for _ in _types_of(errors, parent))


def _types_of(errors: list[Any], parent: Any) -> Iterator[str]:
    depth = len(parent.absolute_path)
    for error in errors:
        if len(error.absolute_path) != depth:
            continue
        if error.validator == "type":
            value = error.validator_value
            yield from [value] if isinstance(value, str) else value
        elif error.validator in ("anyOf", "oneOf"):
            nested = _branches(error)
            if all(_is_of_other_type(found, error) for found in nested.values()):
                for found in nested.values():
                    yield from _types_of(found, error)


def _is_key(error: Any) -> bool:
    return "propertyNames" in error.absolute_schema_path and (
        list(error.absolute_schema_path)[-2:-1] == ["propertyNames"]
    )

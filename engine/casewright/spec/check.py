"""Checking documents: one message for each mistake, in words for people.

A document is read by its model first; only if that fails is it validated with ``jsonschema``
over the published schemas, since its errors know every branch that was tried. Of alternatives
the one that was meant is chosen (by ``kind``, by the key of an action, by the type of the value)
and only what is wrong with that one is told.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, cast

from pydantic import BaseModel, ValidationError

from casewright.errors import Diagnostic
from casewright.resources import schemas_dir
from casewright.spec.models.kinds import KINDS
from casewright.spec.nearest import listed, nearest, suggestion
from casewright.spec.nodes import Node, find, pointer_to, steps
from casewright.spec.repairs import Repairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casewright.errors import Span
    from casewright.spec.models.common import SpecModel

_ACTION_KEYS = (
    *("set", "comment", "work_note", "raise", "send", "create", "notify", "call", "go_to"),
    *("let", "do"),
)
_TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_ROUNDS = 4
_PLURALS = frozenset({"records", "roles", "rules", "SLA definitions", "templates", "views"})
_REFERENCE = re.compile(r"[a-z][a-z0-9_]*\Z")
_NOT_NAME = re.compile(r"[^a-z0-9]+")


class Checked(NamedTuple):
    """The model of a document, or None, and what is wrong with it."""

    model: SpecModel | None
    diagnostics: list[Diagnostic]


def check(kind: str, root: Node, *, has_nulls: bool) -> Checked:
    """Return the model of a whole document, merged with what it extends.

    A document whose mistakes all have a sure cure is mended by it and has a model too, so that
    the binder can tell the rest in the same run.

    Args:
        kind: a known kind.
        root: the document; a map.
        has_nulls: some key in it has no value.
    """
    told: list[Diagnostic] = []
    for _ in range(_ROUNDS):
        model, found, is_mended = _checked(kind, root, has_nulls=has_nulls)
        places = {d.span for d in told}
        told += [d for d in found if d.span not in places]
        if model is not None or not is_mended:
            return Checked(model, told)
    return Checked(None, told)


def _checked(
    kind: str, root: Node, *, has_nulls: bool
) -> tuple[SpecModel | None, list[Diagnostic], bool]:
    """Return the model or None, what is wrong, and whether the document has been mended."""
    try:
        model = KINDS[kind].model_validate(root.plain())
    except ValidationError as err:
        messages = _messages(kind, root)
        found = messages.found() or [_unexplained(root, item) for item in err.errors()]
        return None, found, messages.repairs.apply(root)
    if kind == "overlay" or (has_nulls and _lacks_a_value(model, root)):
        messages = _messages(kind, root)
        if messages.found():
            return None, messages.found(), messages.repairs.apply(root)
    return model, [], False


def _lacks_a_value(part: Any, node: Node) -> bool:
    """Whether some key of a model is written without a value; keys of data may be null."""
    if isinstance(part, BaseModel):
        return any(
            _lacks_a_value(getattr(part, attribute), child) if not child.is_empty else not is_any
            for attribute, key, is_any in _attributes(type(part))
            if (child := node.entries.get(key)) is not None
        )
    if isinstance(part, dict):
        parts = cast("dict[str, Any]", part)
        return any(_lacks_a_value(parts[k], n) for k, n in node.entries.items() if k in parts)
    if _is_tuple(part):
        return any(map(_lacks_a_value, part, node.items))
    return False


def _is_tuple(part: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(part, tuple)


@cache
def _attributes(cls: type[BaseModel]) -> list[tuple[str, str, bool]]:
    """Return attribute, key, and whether any value is possible, of a model."""
    fields = cls.model_fields.items()
    return [(name, field.alias or name, field.annotation is Any) for name, field in fields]


def explain(kind: str, root: Node, part: str = "Whole") -> list[Diagnostic]:
    """Return what is wrong with a document, by the schema of its kind.

    Args:
        kind: a known kind.
        root: the document.
        part: ``Whole``, or ``Extension`` for one that has not been merged with what it extends.
    """
    return _messages(kind, root, part).found()


def _messages(kind: str, root: Node, part: str = "Whole") -> _Messages:
    messages = _Messages(root)
    for error in _validator(kind, part).iter_errors(root.plain()):
        messages.add(error)
    return messages


@cache
def _validator(kind: str, part: str) -> Any:
    """Return the validator of a kind; its schema refers to nothing outside itself."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    path = schemas_dir() / f"{kind}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if part in schema.get("$defs", {}):
        schema = {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}
    return Draft202012Validator(schema, registry=Registry())


def _unexplained(root: Node, item: Any) -> Diagnostic:
    pointer = pointer_to(key for key in item["loc"] if not isinstance(key, str) or key)
    span = find(root, pointer).node.span
    return Diagnostic("CW110", "error", str(item["msg"]), span, pointer)


class _Messages:
    """Collects the diagnostics of one document."""

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
            self._put("CW109", f"{_quoted(error.instance)} does not fit", pointer)
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
        what = _a(error.schema.get("title", "map"))
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
                hint = f"known: {listed(known, 24)}" if known else ""
            self._put("CW104", f'unknown key "{key}" in {what}', pointer, hint, key=key)

    def _on_required(self, error: Any, pointer: str) -> None:
        key = next(
            (k for k in error.validator_value if f"'{k}'" in error.message[: len(k) + 2]), ""
        )
        what = _a(error.schema.get("title", "map"))
        shown = error.schema.get("properties", {}).get(key, {}).get("description", "")
        hint = f"{key}: {shown[:1].lower()}{shown[1:]}".rstrip(".") if shown else ""
        message = f'the key "{key}" is missing in {what}'
        self.missing.append((pointer, key, self._diagnostic("CW105", message, pointer, hint, None)))

    def _on_type(self, error: Any, pointer: str) -> None:
        expected = error.validator_value
        types = [expected] if isinstance(expected, str) else expected
        self._wrong_type(types, pointer, str(error.schema.get("format", "")))

    def _wrong_type(self, expected: Iterable[str], pointer: str, form: str = "") -> None:
        target = find(self.root, pointer)
        node = target.node
        wanted = list(dict.fromkeys(expected))
        if {"string", "boolean", "number"} <= set(wanted):
            wanted = [kind for kind in wanted if kind not in ("boolean", "number")]
        words = " or ".join(_TYPES[kind] for kind in wanted)
        name = f'"{target.key.text()}"' if target.key is not None else "this"
        is_duration = form == "casewright-duration" and isinstance(node.value, int)
        self._retype(pointer, node, wanted, is_duration=is_duration)
        if node.is_empty:
            hint = _empty_hint(wanted)
            self._put("CW106", f"{name} has no value; {words} is expected", pointer, hint)
            return
        actual = _actual(node)
        message = f"{name} is {actual}; {words} is expected"
        unit = f'a duration has a unit, such as "{node.text()} minutes"'
        self._put("CW106", message, pointer, unit if is_duration else _type_hint(node, wanted))

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
        self._on_value(
            error, pointer, "CW107", f"{_quoted(error.instance)} is not possible", values
        )

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
            f"{_quoted(error.instance)} is not possible",
            [str(error.validator_value)],
        )

    def _on_pattern(self, error: Any, pointer: str) -> None:
        text = error.instance
        key = text if _is_key(error) else None
        message, hint, meant = _pattern_words(text, error.validator_value)
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
            message = f"an action is a map, this is {_actual(node)}"
            self.repairs.give_up()
            self._put("CW106", message, pointer, _action_hint(value))
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


def _a(title: str) -> str:
    if title in _PLURALS:
        return title
    return f"{'an' if title[:1] in 'aeiou' else 'a'} {title}"


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _actual(node: Node) -> str:
    if node.is_map:
        return "a map"
    if node.is_list:
        return "a list"
    if isinstance(node.value, str):
        text = node.value if len(node.value) <= 40 else node.value[:37] + "..."
        return f"the text {_quoted(text)}"
    return (
        f"the boolean {node.text()}"
        if isinstance(node.value, bool)
        else f"the number {node.text()}"
    )


def _empty_hint(wanted: list[str]) -> str:
    if wanted == ["object"]:
        return "write {} for an empty map, or remove the key"
    if wanted == ["array"]:
        return "write [] for an empty list, or remove the key"
    return "give it one, or remove the key"


def _type_hint(node: Node, wanted: list[str]) -> str:
    text = node.text()
    scalar = not (node.is_map or node.is_list)
    if "string" in wanted and scalar:
        return f'put it in quotes: "{text}"'
    if "boolean" in wanted and text.lower() in ("yes", "on", "true", "no", "off", "false"):
        meant = "true" if text.lower() in ("yes", "on", "true") else "false"
        return f"write {meant}"
    if wanted == ["object"] and isinstance(node.value, str) and re.match(r"\w+:\S", text):
        return f"a space is missing after the colon: {text.replace(':', ': ', 1)}"
    if wanted == ["object"] and node.is_list:
        return "write the entries by name, without the dashes"
    if wanted == ["array"] and scalar:
        return f"write [{text}]"
    if wanted == ["array"] and node.is_map:
        return 'begin each entry with "- "'
    if wanted in (["integer"], ["number"]) and text.replace(".", "", 1).isdigit():
        return f"write {text} without quotes"
    return ""


def _action_hint(value: Any) -> str:
    if isinstance(value, str):
        return f'such as "raise: {value}" or "set: {{field: value}}"'
    return f"known: {listed(_ACTION_KEYS)}"


def _pattern_words(text: str, pattern: str) -> tuple[str, str, str | None]:
    """Return message, hint and the text that is meant, if that is sure."""
    if pattern.endswith(("[a-z][a-z0-9_]*$", "[a-z0-9_]*)$")):
        return _name_words(text, is_qualified=r"\." in pattern)
    words = {
        "breach": ("no threshold", 'write "50%", "1 business hour before" or "breach"'),
        "2[0-4]": ("no window of hours", 'write "08:00-17:00"; 24:00 is the end of the day'),
        r"\d{4}-": ("no date", "write a date such as 2026-12-25"),
        "a-z0-9_.": ("no field or path of fields", "use snake_case names, with dots between"),
    }
    for part, (message, hint) in words.items():
        if part in pattern:
            return f'"{text}" is {message}', hint, None
    return f'"{text}" does not fit', f"it must match {pattern}", None


def _name_words(text: str, *, is_qualified: bool) -> tuple[str, str, str | None]:
    if text.count(".") > is_qualified:
        hint = "write name or pack.name" if is_qualified else "a name here has no dot"
        return f'"{text}" has too many dots', hint, None
    meant = ".".join(_NOT_NAME.sub("_", part.lower()).strip("_") for part in text.split("."))
    message = f'"{text}" is not a name in snake_case'
    if meant and all(_REFERENCE.match(part) for part in meant.split(".")):
        return message, f'write "{meant}"', meant
    return message, "use a to z, 0 to 9 and _, a letter first", None

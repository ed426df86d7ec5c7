"""The words of messages about documents: what things are called, and which cure is shown."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from casewright.spec.models.actions import ACTION_KEYS
from casewright.spec.models.common import FieldType
from casewright.spec.nearest import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casewright.spec.nodes import Node

TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
"""What the types of JSON Schema are called."""

_FIELD_TYPES = frozenset(get_args(FieldType))
_TYPE_OF = {bool: "boolean", int: "integer", Decimal: "number"}
_PLURALS = frozenset({"records", "roles", "rules", "SLA definitions", "templates", "views"})
_REFERENCE = re.compile(r"[a-z][a-z0-9_]*\Z")
_NOT_NAME = re.compile(r"[^a-z0-9]+")


def with_article(title: str) -> str:
    """Return the title of a part with its article: `a state`, `records`."""
    if title in _PLURALS:
        return title
    return f"{'an' if title[:1] in 'aeiou' else 'a'} {title}"


def quoted(value: Any) -> str:
    """Return a value as JSON writes it."""
    return json.dumps(value, ensure_ascii=False, default=str)


def actual(node: Node) -> str:
    """Return what a node is, for `this is ...`."""
    if node.is_map:
        return "a map"
    if node.is_list:
        return "a list"
    if isinstance(node.value, str):
        text = node.value if len(node.value) <= 40 else node.value[:37] + "..."
        return f"the text {quoted(text)}"
    return (
        f"the boolean {node.text()}"
        if isinstance(node.value, bool)
        else f"the number {node.text()}"
    )


def empty_hint(wanted: list[str]) -> str:
    """Return the cure of a key without a value."""
    if wanted == ["object"]:
        return "write {} for an empty map, or remove the key"
    if wanted == ["array"]:
        return "write [] for an empty list, or remove the key"
    return "give it one, or remove the key"


def field_hint(node: Node) -> str:
    """Return the cure of a field that is written as its type or as its value."""
    text = node.text()
    if node.is_empty or node.is_list:
        return "write {type: ...}"
    if text in _FIELD_TYPES:
        return f"write {{type: {text}}}"
    kind = next((kind for cls, kind in _TYPE_OF.items() if isinstance(node.value, cls)), "string")
    return f"write {{type: {kind}, default: {text}}}"


def group_hint(key: str, known: Iterable[str]) -> str:
    """Return the cure of a condition or loop beside an action: they belong to a group."""
    action = next((name for name in known if name in ACTION_KEYS), None)
    if key not in ("when", "for_each") or action is None:
        return ""
    return f"write {{{key}: ..., do: [{{{action}: ...}}]}}"


def list_hint(parent: Node, key: str) -> str:
    """Return the cure of a key that is rather the second value of the key before it."""
    names = list(parent.entries)
    before = parent.entries.get(names[names.index(key) - 1]) if key in names[1:] else None
    if parent.style != "flow" or not parent.entries[key].is_empty or before is None:
        return ""
    if before.is_map or before.is_list or before.is_empty:
        return ""
    return f"is a list meant? write {names[names.index(key) - 1]}: [{before.text()}, {key}]"


def type_hint(node: Node, wanted: list[str]) -> str:
    """Return the cure of a value of the wrong type, if its value shows one."""
    text = node.text()
    scalar = not (node.is_map or node.is_list)
    if "string" in wanted and scalar:
        return f'put it in quotes: "{text}"'
    if "boolean" in wanted and text.lower() in ("yes", "on", "true", "no", "off", "false"):
        meant = "true" if text.lower() in ("yes", "on", "true") else "false"
        return f"write {meant}"
    if wanted == ["object"] and isinstance(node.value, str) and re.match(r"\w+:\S", text):
        return f"a space is missing after the colon: {text.replace(':', ': ', 1)}"
    if node.is_list and any(".." in item.text() for item in node.items):
        return "put a range in quotes"
    if wanted == ["object"] and node.is_list and node.items and not _has_parts(node):
        return f"write {{{', '.join(f'{item.text()}: {{}}' for item in node.items[:4])}}}"
    if wanted == ["object"] and node.is_list:
        return "write the entries by name, without the dashes"
    if wanted == ["array"] and scalar:
        return f"write [{text}]"
    if wanted == ["array"] and node.is_map:
        return "put it in [ ]" if node.style == "flow" else 'begin each entry with "- "'
    if wanted in (["integer"], ["number"]) and text.replace(".", "", 1).isdigit():
        return f"write {text} without quotes"
    return ""


def _has_parts(node: Node) -> bool:
    return any(item.is_map or item.is_list for item in node.items)


def action_hint(value: Any) -> str:
    """Return the cure of an action that is no map."""
    if isinstance(value, str):
        return f'such as "raise: {value}" or "set: {{field: value}}"'
    return f"known: {listed(ACTION_KEYS)}"


def pattern_words(text: str, pattern: str) -> tuple[str, str, str | None]:
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

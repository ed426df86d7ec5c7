"""Checking documents: one message for each mistake, in words for people.

A document is read by its model first; only if that fails is it validated with ``jsonschema``
over the published schemas, since its errors know every branch that was tried (``mistakes``).
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, cast

from pydantic import BaseModel, ValidationError

from casewright.errors import Diagnostic
from casewright.resources import schemas_dir
from casewright.spec.mistakes import Mistakes
from casewright.spec.models.kinds import KINDS
from casewright.spec.nodes import Node, find, pointer_to

if TYPE_CHECKING:
    from casewright.spec.models.common import SpecModel

_ROUNDS = 4


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
        mistakes = _mistakes(kind, root)
        found = mistakes.found() or [_unexplained(root, item) for item in err.errors()]
        return None, found, mistakes.repairs.apply(root)
    if kind == "overlay" or (has_nulls and _lacks_a_value(model, root)):
        mistakes = _mistakes(kind, root)
        if mistakes.found():
            return None, mistakes.found(), mistakes.repairs.apply(root)
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
    return _mistakes(kind, root, part).found()


def _mistakes(kind: str, root: Node, part: str = "Whole") -> Mistakes:
    mistakes = Mistakes(root)
    for error in _validator(kind, part).iter_errors(root.plain()):
        mistakes.add(error)
    return mistakes


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

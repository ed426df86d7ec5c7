"""The JSON Schemas (2020-12) of all kinds, written from the models.

Each schema stands alone: it refers only to its own ``$defs``, so no editor and no validator ever
fetches anything. What the models know (types, patterns, which key tells an action apart) is put
in; what only the binder knows (names, expressions) is not. Checking a document against a schema
is the business of ``check``.

Source: JSON Schema 2020-12; ``docs/decisions`` for the keys that begin with ``x-casewright``.
"""

from __future__ import annotations

import ast
import copy
import inspect
import json
import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, cast

from pydantic import BaseModel

from casewright.spec.models.kinds import EXTENDING, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMBINED = "casewright.schema.json"

_PATCH = "Patch"
_UNPATCHED = frozenset({"kind", "name"})
_TITLES = {
    "FieldDefinition": "field",
    "RaiseBody": "event",
    "SendBody": "message",
    "CreateBody": "case",
    "CallBody": "call",
    "TargetBy": "target",
    "CaseRule": "rule",
    "Rule": "row",
    "CsvRules": "file of rows",
    "TemplateText": "text made by a template",
    "GroupAction": "group of actions",
    "ListView": "list",
    "FormView": "form",
    "TopicMessage": "message",
    "InputColumn": "input",
    "OutputColumn": "output",
    "NumberFormat": "number format",
    "ScenarioActor": "actor",
    "SlaDefinitions": "SLA definitions",
}


def file_name(kind: str) -> str:
    """Return the name of the file that a kind's schema is published in."""
    return f"{kind}.schema.json"


@cache
def written_schemas() -> dict[str, Schema]:
    """Return every schema by file name: one a kind, and the one of them all.

    The result is shared and must not be changed.
    """
    schemas = {kind: _kind_schema(kind) for kind in KINDS}
    schemas["overlay"] = _overlay_schema(schemas)
    files = {file_name(kind): schema for kind, schema in schemas.items()}
    files[COMBINED] = _combined(schemas)
    return files


def schema_text(schema: Schema) -> str:
    """Return a schema as it is published."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def published() -> dict[str, str]:
    """Return the text of every schema by file name."""
    return {name: schema_text(schema) for name, schema in written_schemas().items()}


def differing_files(folder: Path) -> list[str]:
    """Return the names of files in which a folder differs from what the models say."""
    expected = published()
    present = {path.name: path.read_text("utf-8") for path in folder.glob("*.schema.json")}
    names = sorted(expected.keys() | present.keys())
    return [name for name in names if expected.get(name) != present.get(name)]


def write_schemas(folder: Path) -> list[str]:
    """Write the schemas into a folder; return the names of the files that changed."""
    changed = differing_files(folder)
    texts = published()
    for name in changed:
        if name in texts:
            (folder / name).write_text(texts[name], "utf-8")
        else:
            (folder / name).unlink()
    return changed


def _kind_schema(kind: str) -> Schema:
    model = KINDS[kind]
    schema = model.model_json_schema(by_alias=True, mode="validation")
    _describe(schema, model)
    schema = _cleaned(schema)
    schema["properties"]["kind"] = {"const": kind, "description": "What the document declares."}
    if kind in EXTENDING:
        schema = _with_extension(schema)
    return _headed(kind, schema)


def _headed(kind: str, schema: Schema) -> Schema:
    body = {key: value for key, value in schema.items() if key != "$defs"}
    defs: Schema = dict(sorted(schema.get("$defs", {}).items()))
    head = {"$schema": DIALECT, "$id": f"urn:casewright:1:{kind}", "title": body.pop("title", kind)}
    return {**head, **body, **({"$defs": defs} if defs else {})}


def _is_list(node: Any) -> TypeGuard[list[Any]]:
    return isinstance(node, list)


def _cleaned(node: Any) -> Any:
    """Return a schema without what only Python needs."""
    if _is_list(node):
        return [_cleaned(item) for item in node]
    if not isinstance(node, dict):
        return node
    found: Schema = {}
    for key, value in cast("Schema", node).items():
        if key in ("properties", "$defs"):
            found[key] = {name: _cleaned(schema) for name, schema in value.items()}
        elif key not in ("title", "discriminator") and not (key == "default" and not value):
            found[key] = _cleaned(value)
    if "x-title" in found:
        found = {"title": found.pop("x-title"), **found}
    return _keyed(_without_null(found))


def _without_null(node: Schema) -> Schema:
    branches = node.get("anyOf")
    if branches is None:
        return node
    kept = [branch for branch in branches if branch != {"type": "null"}]
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    if len(kept) != 1:
        return {**rest, "anyOf": kept}
    return {**kept[0], **rest}


def _keyed(node: Schema) -> Schema:
    """Return the schema of a map with a pattern for its keys, closed to other keys."""
    patterns = node.pop("patternProperties", None)
    if patterns:
        ((pattern, value),) = patterns.items()
        node = {**node, "propertyNames": {"pattern": pattern}, "additionalProperties": value}
    return node


def _describe(schema: Schema, model: type[BaseModel]) -> None:
    """Put the titles and the texts under the attributes into a schema as pydantic writes it."""
    classes = {cls.__name__: cls for cls in _classes_of(model)}
    for name, part in [(model.__name__, schema), *schema.get("$defs", {}).items()]:
        cls = classes.get(name)
        if cls is None:
            continue
        part["x-title"] = _title(name)
        docs = _attribute_docs(cls)
        for attribute, field in cls.model_fields.items():
            shown = part["properties"].get(field.alias or attribute)
            if shown is not None and attribute in docs:
                shown["description"] = docs[attribute]


def _title(class_name: str) -> str:
    if class_name in _TITLES:
        return _TITLES[class_name]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).lower()
    return f"action {words.removesuffix(' action')}" if words.endswith(" action") else words


def _classes_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield the models of the package that the model's module and its imports define."""
    modules = [m for name, m in sys.modules.items() if name.startswith("casewright.spec.models.")]
    yield model
    for module in modules:
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, BaseModel) and cls.__module__ == module.__name__:
                yield cls


@cache
def _attribute_docs(cls: type[BaseModel]) -> dict[str, str]:
    """Return the text under each attribute of a class and of those that it builds on."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("casewright."):
            docs.update(_module_docs(base.__module__).get(base.__name__, {}))
    return docs


@cache
def _module_docs(module: str) -> dict[str, dict[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    found: dict[str, dict[str, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = dict(_texts_under_attributes(node))
    return found


def _texts_under_attributes(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for before, after in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            yield before.target.id, inspect.cleandoc(after.value.value).replace("\n", " ")


# Partial documents: what `extends` another, and what an overlay changes


def _with_extension(schema: Schema) -> Schema:
    """Return the schema of a kind that may extend: with `extends`, all keys become optional."""
    defs = schema.pop("$defs", {})
    full = {key: value for key, value in schema.items() if key != "description"}
    patches = _patches(full, defs)
    patch = patches.pop("")
    patch["required"] = ["kind", "name", "extends"]
    for key in _UNPATCHED:
        patch["properties"][key] = full["properties"][key]
    return {
        "title": schema["title"],
        "description": schema["description"],
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Extension"},
        "else": {"$ref": "#/$defs/Whole"},
        "$defs": {**defs, **patches, "Whole": full, "Extension": patch},
    }


def _patches(root: Schema, defs: Schema) -> dict[str, Schema]:
    """Return the partial form of a schema (under ``""``) and of each definition that it needs.

    In a partial form no key is required and null, which removes, stands for any value. Lists are
    replaced whole, so what is in a list keeps its full form.
    """
    found: dict[str, Schema] = {}
    pending: list[tuple[str, Schema]] = [("", root)]
    while pending:
        name, schema = pending.pop()
        key = name + _PATCH if name else ""
        if key in found:
            continue
        needed: set[str] = set()
        found[key] = _partial(schema, needed)
        pending.extend((other, defs[other]) for other in sorted(needed))
    return found


def _partial(schema: Schema, needed: set[str]) -> Schema:
    result: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: _nullable(part, needed) for name, part in value.items()}
        elif key == "additionalProperties" and isinstance(value, dict):
            result[key] = _nullable(cast("Schema", value), needed)
        elif key in ("anyOf", "oneOf"):
            result[key] = [_partial(part, needed) for part in value]
        elif key == "$ref":
            name = value.rsplit("/", 1)[1]
            needed.add(name)
            result[key] = f"#/$defs/{name}{_PATCH}"
        elif key != "required":
            result[key] = copy.deepcopy(value)
    return result


def _nullable(schema: Schema, needed: set[str]) -> Schema:
    part = _partial(schema, needed)
    if not part.keys() - {"description", "x-casewright"}:
        return part
    shown = {key: part.pop(key) for key in ("description",) if key in part}
    return {**shown, "anyOf": [part, {"type": "null"}]}


def _overlay_schema(schemas: dict[str, Schema]) -> Schema:
    overlay = copy.deepcopy(schemas["overlay"])
    defs: Schema = overlay.setdefault("$defs", {})
    kinds: Schema = {}
    for kind, schema in schemas.items():
        if kind in ("overlay", "scenario"):
            continue
        own = schema.get("$defs", {})
        defs.update({n: d for n, d in own.items() if n not in ("Whole", "Extension")})
        whole = own.get("Whole", schema)
        body = {k: v for k, v in whole.items() if k not in ("$schema", "$id", "$defs", "title")}
        patches = _patches(body, own)
        patch = patches.pop("")
        for key in _UNPATCHED:
            patch["properties"].pop(key, None)
        defs.update(patches)
        defs[f"change_{kind}"] = patch
        kinds[kind] = {
            "type": "object",
            "description": f"Changes by name of a {kind}.",
            "additionalProperties": {"$ref": f"#/$defs/change_{kind}"},
        }
    change = overlay["properties"]["change"]
    overlay["properties"]["change"] = {
        "type": "object",
        "description": change["description"],
        "properties": kinds,
        "additionalProperties": False,
    }
    return _headed("overlay", overlay)


def _combined(schemas: dict[str, Schema]) -> Schema:
    defs: Schema = {}
    for kind, schema in schemas.items():
        renamed = {name: f"{kind}_{name}" for name in ("Whole", "Extension")}
        own = _renamed(schema, renamed)
        defs.update(own.pop("$defs", {}))
        defs[kind] = {k: v for k, v in own.items() if k not in ("$schema", "$id")}
    branches = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{kind}"},
        }
        for kind in schemas
    ]
    return {
        "$schema": DIALECT,
        "$id": "urn:casewright:1:any",
        "title": "Casewright spec",
        "description": "One document of a pack: its `kind` says what it declares.",
        "type": "object",
        "properties": {"kind": {"enum": list(schemas), "description": "What it declares."}},
        "required": ["kind", "name"],
        "allOf": branches,
        "$defs": dict(sorted(defs.items())),
    }


def _renamed(node: Any, names: dict[str, str]) -> Any:
    """Return a schema in which some definitions have other names."""
    if _is_list(node):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    found: Schema = {}
    for key, value in cast("Schema", node).items():
        if key == "$ref":
            name = value.rsplit("/", 1)[1]
            found[key] = f"#/$defs/{names.get(name, name)}"
        elif key == "$defs":
            found[key] = {names.get(n, n): _renamed(part, names) for n, part in value.items()}
        else:
            found[key] = _renamed(value, names)
    return found

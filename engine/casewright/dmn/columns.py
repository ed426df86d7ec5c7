"""The columns of a table in YAML, its hit policy, and the texts of cells that YAML has typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from casewright.dmn.definition import (
    AGGREGATIONS,
    COLUMN_TYPES,
    HIT_POLICIES,
    PLAIN_TYPES,
    Aggregation,
    Cell,
    CellLanguage,
    HitPolicy,
    InputColumn,
    OutputColumn,
    Place,
    Problem,
    quoted,
)
from casewright.feel.problems import suggestion

_POLICIES: dict[str, HitPolicy] = {
    **dict(zip(HIT_POLICIES, HIT_POLICIES, strict=True)),
    "u": "unique",
    "a": "any",
    "p": "priority",
    "f": "first",
    "c": "collect",
    "r": "rule order",
    "o": "output order",
}
_COLUMN_KEYS = frozenset(
    {"type", "choices", "cells", "expression", "to", "many", "default", "title", "description"}
)
_INTEGER = re.compile(r"-?\d+")


@dataclass(slots=True)
class Reader:
    """What is being read.

    Attributes:
        inputs: the columns before the border.
        outputs: those behind it.
        problems: the mistakes so far.
    """

    inputs: tuple[InputColumn, ...] = ()
    outputs: tuple[OutputColumn, ...] = ()
    problems: list[Problem] = field(default_factory=list[Problem])

    def report(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Note a mistake."""
        self.problems.append(Problem(code, message, place, hint))


def read_hit_policy(
    reader: Reader, data: Mapping[str, Any]
) -> tuple[HitPolicy, Aggregation | None]:
    """Return the hit policy and the aggregation, ``unique`` where they are wrong."""
    text = str(data.get("hit_policy", "unique"))
    words = text.replace("_", " ").split()
    tail = words.pop() if len(words) == 2 and words[0].casefold() in ("collect", "c") else ""
    if len(words) == 1 and re.fullmatch(r"[Cc][-+#<>]", words[0]):
        words, tail = ["collect"], words[0][1]
    policy = " ".join(words).casefold()
    known = _POLICIES.get(policy)
    if known is None:
        hint = suggestion(policy, HIT_POLICIES) or f"one of {quoted(HIT_POLICIES)}"
        reader.report("CW601", f'unknown hit policy "{text}"', Place("/hit_policy"), hint)
        return "unique", None
    aggregation = str(data.get("aggregation") or tail).casefold()
    if not aggregation:
        return known, None
    found = AGGREGATIONS.get(aggregation)
    if found is None and aggregation in AGGREGATIONS.values():
        found = cast("Aggregation", aggregation)
    pointer = "/aggregation" if data.get("aggregation") else "/hit_policy"
    if found is None:
        hint = 'one of "+" or "sum", "#" or "count", "<" or "min", ">" or "max"'
        reader.report("CW601", f'unknown aggregation "{aggregation}"', Place(pointer), hint)
    elif known != "collect":
        message = f'hit policy "{known}" has no aggregation'
        reader.report("CW601", message, Place(pointer), f"write `hit_policy: collect {found}`")
    return known, found if known == "collect" else None


def _columns(reader: Reader, side: str, raw: object) -> list[tuple[str, Mapping[str, Any], Place]]:
    pointer = f"/{side}"
    if raw is None:
        return []
    if not isinstance(raw, Mapping):
        hint = f"write `{side}: {{name: {{type: string}}}}`"
        reader.report("CW602", f"`{side}` is not a map of columns", Place(pointer), hint)
        return []
    columns: list[tuple[str, Mapping[str, Any], Place]] = []
    for key, value in cast("Mapping[object, object]", raw).items():
        name, place = str(key), Place(f"{pointer}/{escaped(str(key))}")
        body: object = {"type": value} if isinstance(value, str) else (value or {})
        if not isinstance(body, Mapping):
            reader.report("CW602", f'column "{name}" is not a map', place, "{type: string}")
            continue
        spec = cast("Mapping[str, Any]", body)
        for word in spec:
            if word not in _COLUMN_KEYS:
                hint = suggestion(word, sorted(_COLUMN_KEYS))
                reader.report("CW602", f'unknown key "{word}" in column "{name}"', place, hint)
        columns.append((name, spec, place))
    return columns


def _type(reader: Reader, name: str, spec: Mapping[str, Any], place: Place) -> str:
    kind = str(spec.get("type", "choice" if spec.get("choices") else "any"))
    if kind not in COLUMN_TYPES:
        hint = suggestion(kind, sorted(COLUMN_TYPES)) or f"one of {quoted(sorted(COLUMN_TYPES))}"
        reader.report("CW602", f'column "{name}" has unknown type "{kind}"', place, hint)
        return "any"
    return kind


def _language(
    reader: Reader, name: str, kind: str, spec: Mapping[str, Any], place: Place
) -> CellLanguage:
    said = spec.get("cells")
    if said not in (None, "feel", "text"):
        message = f'column "{name}" has cells "{said}"'
        reader.report("CW602", message, place, 'only "text" or "feel"')
    if said == "text" and kind not in PLAIN_TYPES:
        message = f'cells of column "{name}" cannot be plain text'
        hint = f"only those of types {quoted(sorted(PLAIN_TYPES))}"
        reader.report("CW602", message, place, hint)
    return "text" if said != "feel" and kind in PLAIN_TYPES else "feel"


def _choices(spec: Mapping[str, Any]) -> tuple[str | int, ...]:
    raw = spec.get("choices")
    if not isinstance(raw, Mapping | Sequence) or isinstance(raw, str):
        return ()
    texts = [str(choice) for choice in cast("Sequence[object]", raw)]
    if texts and all(_INTEGER.fullmatch(text) for text in texts):
        return tuple(int(text) for text in texts)
    return tuple(texts)


def read_inputs(reader: Reader, raw: object) -> tuple[InputColumn, ...]:
    """Return the input columns."""
    inputs: list[InputColumn] = []
    for name, spec, place in _columns(reader, "inputs", raw):
        kind = _type(reader, name, spec, place)
        expression = spec.get("expression")
        inputs.append(
            InputColumn(
                name=name,
                type=kind,
                cells=_language(reader, name, kind, spec, place),
                choices=_choices(spec),
                to=str(spec.get("to") or ""),
                many=spec.get("many") is True,
                expression=None if expression is None else cell_text(expression, "text"),
                place=place,
            )
        )
    return tuple(inputs)


def read_outputs(reader: Reader, raw: object) -> tuple[OutputColumn, ...]:
    """Return the output columns; one without a name of its own is reported."""
    columns = _columns(reader, "outputs", raw)
    if not columns:
        hint = "write `outputs: {name: {type: string}}`"
        reader.report("CW602", "the table has no outputs", Place("/outputs"), hint)
    taken = {column.name for column in reader.inputs}
    outputs: list[OutputColumn] = []
    for name, spec, place in columns:
        if name in taken:
            hint = "a cell could not tell which is meant"
            reader.report("CW602", f'"{name}" is an input and an output', place, hint)
        kind = _type(reader, name, spec, place)
        language = _language(reader, name, kind, spec, place)
        default = None
        if spec.get("default") is not None:
            text = cell_text(spec["default"], language)
            default = Cell(text, Place(f"{place.pointer}/default"))
        outputs.append(
            OutputColumn(
                name=name,
                type=kind,
                cells=language,
                choices=_choices(spec),
                to=str(spec.get("to") or ""),
                many=spec.get("many") is True,
                default=default,
                place=place,
            )
        )
    return tuple(outputs)


def cell_text(value: object, language: CellLanguage) -> str:
    """Return a YAML value as the text of a cell: null is empty, a list its alternatives.

    Args:
        value: a scalar or a list of scalars. A text is taken as it is, an item of a list that is
            not plain is put in quotes.
        language: the language of the column's cells.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, list | tuple):
        items = [cell_text(item, language) for item in cast("Sequence[object]", value)]
        if language == "text":
            return ", ".join(_item(item) for item in items)
        return "[" + ", ".join(item or "null" for item in items) + "]"
    return str(value).strip()


def _item(text: str) -> str:
    needs = not text or text in ("*", "-") or any(sign in text for sign in ',"()\\')
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if needs else text


def escaped(key: str) -> str:
    """Return a key as one step of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")

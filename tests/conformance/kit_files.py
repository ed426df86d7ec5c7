"""The test files of the DMN TCK: inputs and expected results in XML, beside the models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from casewright import feel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from casewright.dmn.model.model import Model

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
EMPTY: dict[str, Any] = {}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
READERS = {
    "decimal": "number(x)",
    "double": "number(x)",
    "integer": "number(x)",
    "int": "number(x)",
    "long": "number(x)",
    "float": "number(x)",
    "date": "date(x)",
    "time": "time(x)",
    "dateTime": "date and time(x)",
    "duration": "duration(x)",
    "dayTimeDuration": "duration(x)",
    "yearMonthDuration": "duration(x)",
    "boolean": 'x = "true"',
}


@dataclass(frozen=True)
class FileCase:
    """One result node of one test case."""

    id: str
    level: str
    group: str
    model: Model
    decision: str
    service: str
    inputs: dict[str, Any]
    expected: Any

    def answer(self) -> Any:
        if not self.service:
            return self.model.evaluate(self.decision, self.inputs, now=NOW)
        found: Any = self.model.evaluate_service(self.service, self.inputs)
        node = next(n for n in self.model.definitions.services if n.name == self.service)
        return found if len(node.outputs) == 1 else (found or EMPTY).get(self.decision)


def file_cases(models: Path, read: Callable[[Path], Model]) -> Iterator[FileCase]:
    """Yield the cases of all test files in a folder of levels, groups and models."""
    for folder in sorted(path for path in models.glob("*/*") if path.is_dir()):
        loaded: dict[str, Model] = {}
        for file in sorted(folder.glob("*.xml")):
            yield from cases_of(file, loaded, read)


def cases_of(
    file: Path, loaded: dict[str, Model], read: Callable[[Path], Model]
) -> Iterator[FileCase]:
    root = ET.parse(file).getroot()
    name = texts(root, "modelName")[0]
    if name not in loaded:
        loaded[name] = read(file.parent / name)
    for case in children(root, "testCase"):
        inputs = {n.get("name", ""): value_of(n) for n in children(case, "inputNode")}
        service = case.get("invocableName", "") if case.get("type") == "decisionService" else ""
        for node in children(case, "resultNode"):
            decision = node.get("name", "")
            yield FileCase(
                id=f"{file.parent.name}/{file.stem}/{case.get('id')}/{decision}",
                level=file.parents[1].name,
                group=file.parent.name,
                model=loaded[name],
                decision=decision,
                service=service,
                inputs=inputs,
                expected=value_of(children(node, "expected")[0]),
            )


def children(element: ET.Element, tag: str) -> list[ET.Element]:
    return [child for child in element if child.tag.rpartition("}")[2] == tag]


def texts(element: ET.Element, tag: str) -> list[str]:
    return [(child.text or "").strip() for child in children(element, tag)]


def value_of(element: ET.Element) -> Any:
    """Return the value inside an element: a list, components, or a simple one."""
    lists, components = children(element, "list"), children(element, "component")
    if lists:
        return [value_of(item) for item in children(lists[0], "item")]
    if components:
        return {child.get("name", ""): value_of(child) for child in components}
    values = children(element, "value")
    if not values or values[0].get(NIL) == "true":
        return None
    text = values[0].text or ""
    kind = values[0].get(TYPE, "").rpartition(":")[2] or untyped(text.strip())
    return text if kind not in READERS else feel.evaluate(READERS[kind], {"x": text.strip()})


def untyped(text: str) -> str:
    """Return the type that a value without one looks like."""
    if text in ("true", "false"):
        return "boolean"
    return "string" if feel.evaluate("number(x)", {"x": text}) is None else "decimal"

"""The lines of the DMN TCK in their JSON form, made into models.

Each line has one expected result and everything that it takes to work it out; the form is described
in the README that lies beside the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from casewright.cli.tagged import untagged
from casewright.dmn.model import boxed
from casewright.dmn.model.definition import (
    DecisionNode,
    DecisionService,
    Definitions,
    FunctionItem,
    InputData,
    ItemDefinition,
    KnowledgeModel,
)
from casewright.dmn.model.model import Model
from casewright.dmn.xml.names import AGGREGATIONS, HIT_POLICIES
from conformance.kit_files import NOW

Json = Mapping[str, Any]
EMPTY: Json = {}


def answer(line: Json) -> Any:
    """Return what Casewright gives for a line; an error of any kind is its own answer."""
    inputs = {name: untagged(value) for name, value in line["inputs"].items()}
    model = Model(definitions(line))
    service = line.get("invocable")
    if service is None:
        known = {node.name for node in model.definitions.inputs}
        given = {n: v for n, v in inputs.items() if n in known}
        return model.evaluate(line["dmn"], given, now=NOW)
    found: Any = model.evaluate_service(service, inputs)
    outputs = line["services"][service]["output_decisions"]
    return found if len(outputs) == 1 else (found or EMPTY).get(line["dmn"])


def definitions(line: Json) -> Definitions:
    """Return the model of a line."""
    decisions: dict[str, Json] = dict(line["decisions"])
    decisions.setdefault(line["dmn"], line)
    inputs: dict[str, str | None] = {}
    for node in (*decisions.values(), line):
        inputs |= node["requires"]["inputs"]
    return Definitions(
        name=line["group"],
        items=tuple(item(name, kind) for name, kind in line["types"].items()),
        inputs=tuple(InputData(f"i:{n}", n, variable(n, t)) for n, t in inputs.items()),
        decisions=tuple(decision(name, node) for name, node in decisions.items()),
        knowledge=tuple(knowledge(name, node) for name, node in line["bkms"].items()),
        services=tuple(service(name, node) for name, node in line["services"].items()),
    )


def decision(name: str, node: Json) -> DecisionNode:
    requires = node["requires"]
    return DecisionNode(
        id=f"d:{name}",
        name=name,
        variable=variable(name, node["type_ref"]),
        logic=box(node["expression"]),
        inputs=hrefs("i", requires["inputs"]),
        decisions=hrefs("d", requires["decisions"]),
        knowledge=(*hrefs("b", requires["bkms"]), *hrefs("s", requires["services"])),
    )


def knowledge(name: str, node: Json) -> KnowledgeModel:
    requires = node["requires"]
    logic = box(node["expression"])
    assert logic is None or isinstance(logic, boxed.FunctionBox)
    return KnowledgeModel(
        id=f"b:{name}",
        name=name,
        variable=variable(name, node["type_ref"]),
        logic=logic,
        knowledge=(*hrefs("b", requires["bkms"]), *hrefs("s", requires["services"])),
    )


def service(name: str, node: Json) -> DecisionService:
    return DecisionService(
        id=f"s:{name}",
        name=name,
        variable=variable(name, node["type_ref"]),
        outputs=hrefs("d", node["output_decisions"]),
        encapsulated=hrefs("d", node["encapsulated_decisions"]),
        input_decisions=hrefs("d", node["input_decisions"]),
        input_data=hrefs("i", node["input_data"]),
    )


def hrefs(letter: str, names: Any) -> tuple[str, ...]:
    return tuple(f"#{letter}:{name}" for name in names)


def variable(name: str, kind: str | None) -> boxed.Variable:
    return boxed.Variable(name, kind or "")


def text(value: str | None) -> boxed.Text:
    return boxed.Text(value or "")


def item(name: str, kind: Json) -> ItemDefinition:
    function = kind.get("function")
    components: Mapping[str, Json] = kind["components"] or {}
    return ItemDefinition(
        name=name,
        type_ref=kind["base"] or "",
        collection=kind["collection"],
        allowed=text(kind["allowed"]) if kind["allowed"] else None,
        components=tuple(item(n, k) for n, k in components.items()),
        function=None
        if function is None
        else FunctionItem(
            tuple(variable(n, t) for n, t in function["parameters"].items()), function["output"]
        ),
    )


def box(node: Json | None) -> boxed.Box | None:
    return None if node is None else BOXES[node["kind"]](node)


def boxes(nodes: Sequence[Json]) -> tuple[boxed.Box | None, ...]:
    return tuple(box(node) for node in nodes)


def kind_of(node: Json) -> str:
    return node.get("type_ref") or ""


def literal(node: Json) -> boxed.Box:
    return boxed.LiteralBox(text(node["text"]), kind_of(node), node.get("language") or "")


def table(node: Json) -> boxed.Box:
    return boxed.TableBox(
        inputs=tuple(
            boxed.InputClause(
                text(c["expression"]), kind_of(c), text(c["allowed"]) if c["allowed"] else None
            )
            for c in node["inputs"]
        ),
        outputs=tuple(
            boxed.OutputClause(
                c["name"] or "",
                kind_of(c),
                text(c["allowed"]) if c["allowed"] else None,
                text(c["default"]) if c["default"] else None,
            )
            for c in node["outputs"]
        ),
        rules=tuple(
            boxed.Rule(tuple(map(text, r["inputs"])), tuple(map(text, r["outputs"])))
            for r in node["rules"]
        ),
        hit_policy=HIT_POLICIES[node["hit_policy"] or "UNIQUE"],
        aggregation=AGGREGATIONS[node["aggregation"]] if node["aggregation"] else None,
        type_ref=kind_of(node),
    )


def context(node: Json) -> boxed.Box:
    return boxed.ContextBox(
        tuple(
            boxed.Entry(variable(e["name"], e["type_ref"]) if e["name"] else None, box(e["value"]))
            for e in node["entries"]
        ),
        kind_of(node),
    )


def invocation(node: Json) -> boxed.Box:
    bindings = tuple(
        boxed.Binding(boxed.Variable(b["name"]), box(b["value"])) for b in node["bindings"]
    )
    return boxed.InvocationBox(box(node["function"]), bindings, kind_of(node))


def function(node: Json) -> boxed.Box:
    parameters = tuple(variable(p["name"], p["type_ref"]) for p in node["parameters"])
    kind = cast("boxed.FunctionKind", node["function_kind"] or "FEEL")
    return boxed.FunctionBox(parameters, box(node["body"]), kind, kind_of(node))


def relation(node: Json) -> boxed.Box:
    columns = tuple(boxed.Variable(name) for name in node["columns"])
    return boxed.RelationBox(columns, tuple(map(boxes, node["rows"])), kind_of(node))


def conditional(node: Json) -> boxed.Box:
    parts = [box(node[part]) for part in ("if", "then", "else")]
    return boxed.ConditionalBox(parts[0], parts[1], parts[2], kind_of(node))


def iterator(node: Json) -> boxed.Box:
    body = box(node["return"] if node["kind"] == "for" else node["satisfies"])
    return boxed.IteratorBox(node["kind"], node["iterator"], box(node["in"]), body, kind_of(node))


BOXES: Mapping[str, Callable[[Json], boxed.Box]] = {
    "literal_expression": literal,
    "decision_table": table,
    "context": context,
    "invocation": invocation,
    "function": function,
    "list": lambda node: boxed.ListBox(boxes(node["items"]), kind_of(node)),
    "relation": relation,
    "conditional": conditional,
    "filter": lambda node: boxed.FilterBox(box(node["in"]), box(node["match"]), kind_of(node)),
    "for": iterator,
    "some": iterator,
    "every": iterator,
}

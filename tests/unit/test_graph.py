"""Diagrams: nothing overlaps, every transition is shown, both notations are well formed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright import graph
from casewright.graph import layout, svg
from casewright.graph.words import readable, shortened, width_of, wrapped
from casewright.spec.models.decisions import DecisionTable
from casewright.spec.models.flows import StateFlow
from casewright.spec.models.playbooks import Playbook

if TYPE_CHECKING:
    from casewright.graph.layout import Point, Size

FLOW = StateFlow.model_validate(
    {
        "kind": "state_flow",
        "name": "support",
        "title": "Support <1>",
        "initial": "draft",
        "states": {
            "draft": {"title": "Draft", "draft": True},
            "new": {},
            "work": {"title": "Work in progress", "timers": {"nag": {"after": "2 days"}}},
            "waiting": {},
            "closed": {"final": True},
            "cancelled": {"final": True},
        },
        "transitions": {
            "submit": {"from": "draft", "to": "new"},
            "start": {"from": "new", "to": "work", "when": "assigned_to != null"},
            "ask": {"from": ["new", "work"], "to": "waiting"},
            "answer": {"on": "comment", "from": "waiting", "to": "work"},
            "close": {"title": "Close", "from": "work", "to": "closed", "roles": ["agent"]},
            "accept": {"title": "Close", "from": "work", "to": "closed", "roles": ["customer"]},
            "expire": {"from": "waiting", "to": "closed", "roles": ["system"]},
            "again": {"from": "work", "to": "work"},
            "note": {"from": ["new", "work", "waiting"]},
            "review": {"from": "closed"},
            "cancel": {"from": "*", "to": "cancelled"},
        },
    }
)
PLAYBOOK = Playbook.model_validate(
    {
        "kind": "playbook",
        "name": "support",
        "stages": {
            "intake": {
                "when": 'state = "draft"',
                "activities": {
                    "ask": {"fields": ["account", "contact"], "require": ["account"]},
                    "look": {
                        "when": "vip",
                        "actions": {"call_back": {}},
                        "recommend": {"expert": {"actions": {"chat": {"title": "Chat"}}}},
                    },
                },
            },
            "close": {"activities": {"done": {"done_when": 'state = "closed"'}}},
        },
    }
)
TABLES = [
    DecisionTable.model_validate(
        {
            "kind": "decision_table",
            "name": name,
            "inputs": {"impact": {"type": "integer"}},
            "outputs": {"out": {"type": "integer"}},
            "rules": f"impact || out\n > 1 || {cell}",
        }
    )
    for name, cell in (("matrix", "2"), ("target", "matrix(impact).out"))
]


def labels(diagram: graph.Diagram) -> dict[tuple[str, str], list[str]]:
    return {(e.source, e.target): [label.text for label in e.labels] for e in diagram.edges}


def test_transitions_between_the_same_states_share_an_arrow() -> None:
    found = labels(graph.state_flow_diagram(FLOW))
    assert found["draft", "new"] == ["Submit"]
    assert found["work", "closed"] == ["Close (agent)", "Close (customer)"]
    assert found["waiting", "work"] == ["Answer", "on comment"]
    assert found["anywhere ", "cancelled"] == ["Cancel"]


def test_arrows_of_the_engine_alone_are_dashed() -> None:
    diagram = graph.state_flow_diagram(FLOW)
    assert [e.source for e in diagram.edges if e.dashed] == ["waiting"]


def test_what_keeps_the_state_is_a_line_or_a_note() -> None:
    diagram = graph.state_flow_diagram(FLOW)
    lines = {node.id: node.lines for node in diagram.nodes if node.lines}
    assert lines == {"work": ("after 2 days: Nag",), "closed": ("Review",)}
    assert diagram.notes == (("Note", "in New, Work in progress and Waiting"),)


def test_unknown_states_are_left_out() -> None:
    broken = FLOW.model_copy(update={"states": {"draft": FLOW.states["draft"]}})
    diagram = graph.state_flow_diagram(broken)
    assert [node.id for node in diagram.nodes] == ["start ", "draft", "anywhere "]


def test_mermaid_of_a_state_flow() -> None:
    lines = graph.mermaid_diagram(graph.state_flow_diagram(FLOW)).splitlines()
    assert lines[:5] == [
        "---",
        'title: "Support <1>"',
        "---",
        "stateDiagram-v2",
        '  state "Draft" as draft',
    ]
    assert "  [*] --> draft" in lines
    assert "  closed --> [*]" in lines
    assert "  work --> closed : Close (agent)<br/>Close (customer)" in lines


def test_mermaid_of_a_playbook() -> None:
    text = graph.mermaid_board(graph.playbook_board(PLAYBOOK))
    assert '  subgraph stage0["Intake"]' in text
    assert "    s0a0 --> s0a1" in text
    assert "  stage0 --> stage1" in text


def test_mermaid_of_decisions() -> None:
    text = graph.mermaid_diagram(graph.decision_diagram("Tables", TABLES))
    assert "  matrix --> target" in text
    assert "  input_impact --> matrix" in text


def test_board_keeps_order_and_marks_what_is_optional() -> None:
    board = graph.playbook_board(PLAYBOOK)
    intake = board.columns[0]
    assert [card.id for card in intake.cards] == ["ask", "look", "expert"]
    assert [card.optional for card in intake.cards] == [False, True, True]
    assert intake.cards[0].lines == ("requires account", "2 fields")
    assert intake.cards[1].chips == ("Call back",)


@pytest.mark.parametrize(
    "text",
    [
        graph.svg_diagram(graph.state_flow_diagram(FLOW)),
        graph.svg_board(graph.playbook_board(PLAYBOOK)),
        graph.svg_diagram(graph.decision_diagram("Tables", TABLES)),
        graph.svg_diagram(graph.Diagram("One", (graph.Node("a", "A"),), ())),
    ],
    ids=["flow", "playbook", "decisions", "one"],
)
def test_svg_is_well_formed_and_stands_alone(text: str) -> None:
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "<script" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def rectangles(diagram: graph.Diagram) -> tuple[layout.Layout, list[tuple[Point, Size]]]:
    """Return the layout, and middle and size of all boxes and labels."""
    sizes = svg.sizes(diagram)
    found = layout.placed(diagram, *sizes)
    areas = [(found.centres[node.id], sizes[0][node.id]) for node in diagram.nodes]
    areas += [(route.label, sizes[1][route.edge]) for route in found.routes if route.edge.labels]
    return found, areas


def overlap(one: tuple[Point, Size], other: tuple[Point, Size]) -> bool:
    (a, size_a), (b, size_b) = one, other
    wide = abs(a.x - b.x) < (size_a.width + size_b.width) / 2 - 0.01
    high = abs(a.y - b.y) < (size_a.height + size_b.height) / 2 - 0.01
    return wide and high


def test_nothing_overlaps_in_a_state_flow() -> None:
    _, areas = rectangles(graph.state_flow_diagram(FLOW))
    assert not [pair for pair in combinations(areas, 2) if overlap(*pair)]


@st.composite
def diagrams(draw: st.DrawFn) -> graph.Diagram:
    names = [f"n{k}" for k in range(draw(st.integers(1, 9)))]
    pairs = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=18))
    edges = tuple(graph.Edge(a, b, (graph.Label(f"from {a} to {b}"),)) for a, b in sorted(pairs))
    return graph.Diagram("t", tuple(graph.Node(name, name.upper()) for name in names), edges)


@settings(max_examples=40, deadline=None)
@given(diagrams())
def test_nothing_overlaps_whatever_the_arrows(diagram: graph.Diagram) -> None:
    found, areas = rectangles(diagram)
    assert not [pair for pair in combinations(areas, 2) if overlap(*pair)]
    for middle, size in areas:
        assert middle.x - size.width / 2 >= -0.1
        assert middle.x + size.width / 2 <= found.size.width + 0.1


@settings(max_examples=40, deadline=None)
@given(diagrams())
def test_arrows_run_one_way_from_box_to_box(diagram: graph.Diagram) -> None:
    found, _ = rectangles(diagram)
    assert len(found.routes) == sum(1 for e in diagram.edges if e.source != e.target)
    for route in found.routes:
        ys = [point.y for point in route.points]
        steps = [b - a for a, b in pairwise(ys)]
        assert all(step >= -0.01 for step in steps) or all(step <= 0.01 for step in steps)


def test_same_diagram_gives_the_same_svg() -> None:
    diagram = graph.state_flow_diagram(FLOW)
    assert graph.svg_diagram(diagram) == graph.svg_diagram(diagram)


def test_words_are_measured_and_broken() -> None:
    assert width_of("mm", 10) > width_of("ii", 10)
    assert wrapped("one two three", 10, width_of("one two", 10)) == ["one two", "three"]
    assert wrapped("", 10, 50) == []
    assert shortened("abcdef", 4) == "abc…"
    assert readable("work_in_progress") == "Work in progress"

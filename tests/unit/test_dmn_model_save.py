"""Saving: what was loaded is read back as equal, in a form that other modellers take."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from casewright import dmn

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def literal(text: str, attributes: str = "") -> str:
    return f"<literalExpression {attributes}><text>{text}</text></literalExpression>"


def entry(name: str, logic: str) -> str:
    return f'<contextEntry><variable name="{name}"/>{logic}</contextEntry>'


ONE = literal("1 &lt; 2 // a remark&#13;\n  + &quot;x&quot;", 'typeRef="boolean"')
TABLE = (
    '<decisionTable hitPolicy="COLLECT" aggregation="SUM" outputLabel="fee"><input label="i">'
    '<inputExpression typeRef="number"><text>n</text></inputExpression><inputValues><text>[0..9]'
    '</text></inputValues></input><output name="o" typeRef="number"><outputValues><text>1, 2'
    "</text></outputValues><defaultOutputEntry><text>1</text></defaultOutputEntry></output>"
    '<annotation name="why"/><rule><inputEntry><text>&lt; 5</text></inputEntry><outputEntry>'
    "<text>2</text></outputEntry><annotationEntry><text>small &amp; cheap</text>"
    "</annotationEntry></rule></decisionTable>"
)
BOXES = (
    "<context typeRef='t'>"
    + entry("literal", ONE)
    + entry("table", TABLE)
    + entry(
        "call",
        f"<invocation>{ONE}<binding><parameter name='a b'/>{ONE}</binding></invocation>",
    )
    + entry(
        "function",
        f"<functionDefinition><formalParameter name='x' typeRef='number'/>{ONE}"
        "</functionDefinition>",
    )
    + entry("list", f"<list>{ONE}{ONE}</list>")
    + entry("relation", f"<relation><column name='c' typeRef='t'/><row>{ONE}</row></relation>")
    + entry(
        "choice", f"<conditional><if>{ONE}</if><then>{ONE}</then><else>{ONE}</else></conditional>"
    )
    + entry("filter", f"<filter><in>{ONE}</in><match>{ONE}</match></filter>")
    + entry("for", f"<for iteratorVariable='v'><in>{ONE}</in><return>{ONE}</return></for>")
    + entry(
        "every", f"<every iteratorVariable='v'><in>{ONE}</in><satisfies>{ONE}</satisfies></every>"
    )
    + f"<contextEntry>{ONE}</contextEntry></context>"
)
WHOLE = (
    f'<definitions xmlns="{MODEL}" name="whole model" namespace="urn:whole">'
    "<description>All that there is</description>"
    '<itemDefinition name="t" isCollection="true"><itemComponent name="a b"><typeRef>number'
    "</typeRef><allowedValues><text>&gt; 0</text></allowedValues></itemComponent></itemDefinition>"
    '<itemDefinition name="f"><functionItem outputTypeRef="number"><parameters name="p" '
    'typeRef="string"/></functionItem></itemDefinition>'
    '<inputData id="n" name="n"><description>A number</description><variable name="n" '
    'typeRef="number"/></inputData>'
    '<decision id="d 1" name="The decision"><question>Which?</question><allowedAnswers>Any'
    '</allowedAnswers><variable name="The decision"/><informationRequirement><requiredInput '
    'href="#n"/></informationRequirement><knowledgeRequirement><requiredKnowledge href="#k"/>'
    f"</knowledgeRequirement>{BOXES}</decision>"
    '<decision id="e" name="e"><informationRequirement><requiredDecision href="#d 1"/>'
    "</informationRequirement></decision>"
    '<businessKnowledgeModel id="k" name="k"><variable name="k"/><encapsulatedLogic>'
    f"{ONE}</encapsulatedLogic></businessKnowledgeModel>"
    '<decisionService id="s" name="s"><variable name="s" typeRef="f"/><outputDecision href="#e"/>'
    '<encapsulatedDecision href="#d 1"/><inputData href="#n"/></decisionService></definitions>'
)


def test_everything_that_a_model_can_hold_is_read_back_as_equal() -> None:
    model = dmn.load(WHOLE.replace("d 1", "d_1"))
    saved = dmn.save(model)
    assert dmn.load(saved) == model
    assert dmn.save(dmn.load(saved)) == saved


def test_ids_that_xml_refuses_are_replaced_everywhere() -> None:
    model = dmn.load(dmn.save(dmn.load(WHOLE)))
    ids = [node.id for node in model.definitions.decisions]
    assert ids == ["_d_1", "e"]
    assert model.definitions.decisions[1].decisions == ("#_d_1",)
    assert model.definitions.services[0].encapsulated == ("#_d_1",)


def test_the_text_is_dmn_1_5_with_ids_of_its_own_and_a_diagram() -> None:
    root = ET.fromstring(dmn.save(dmn.load(WHOLE)))
    assert root.tag == f"{{{MODEL}}}definitions"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    drawn = [e.get("dmnElementRef") for e in root.iter() if e.get("dmnElementRef")]
    assert {"n", "_d_1", "e", "k"} <= set(drawn)
    assert set(drawn) <= set(ids)


def test_an_import_without_a_name_is_written_with_an_empty_one() -> None:
    library = dmn.load(f'<definitions xmlns="{MODEL}" name="lib" namespace="urn:lib"/>')
    text = f'<definitions xmlns="{MODEL}" name="m"><import namespace="urn:lib"/></definitions>'
    saved = dmn.save(dmn.load(text, imports=[library]))
    assert '<import name="" namespace="urn:lib"' in saved
    assert dmn.load(saved, imports=[library]).imports == {"<urn:lib>": library}


def test_needed_nodes_stand_below_those_in_need() -> None:
    from casewright.dmn.xml.layout import Link, node_places

    places = node_places(["a", "b", "c"], [Link("1", "a", "b"), Link("2", "b", "c")])
    assert places["a"][1] > places["b"][1] > places["c"][1]


def test_characters_that_xml_has_no_form_for_are_replaced() -> None:
    from casewright.dmn.model import DecisionNode, Definitions
    from casewright.dmn.model.boxed import LiteralBox, Text, Variable

    node = DecisionNode("d", "d", Variable("d"), LiteralBox(Text('"a\x01b"')))
    assert dmn.load(dmn.save(Definitions("m", decisions=(node,)))).evaluate("d") == "a\ufffdb"

"""Requirements: decisions see what they require, services and imports stand for themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from casewright import dmn
from casewright.errors import HostError, SpecError

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.dmn.model import Model


def text_of(body: str, name: str = "m", namespace: str = "urn:m", version: str = "20230324") -> str:
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/{version}/MODEL/" name="{name}"'
        f' namespace="{namespace}">{body}</definitions>'
    )


def model_of(body: str, **options: Any) -> Model:
    return dmn.load(text_of(body), **options)


def input_data(name: str, kind: str = "", identity: str = "") -> str:
    return (
        f'<inputData id="{identity or name}" name="{name}"><variable name="{name}"'
        f' typeRef="{kind}"/></inputData>'
    )


def decision(name: str, feel: str, *needs: tuple[str, str], kind: str = "", logic: str = "") -> str:
    required = "".join(
        f'<{outer}><{tag} href="{href}"/></{outer}>'
        for tag, href in needs
        for outer in (
            "knowledgeRequirement" if tag == "requiredKnowledge" else "informationRequirement",
        )
    )
    logic = logic or f"<literalExpression><text>{feel}</text></literalExpression>"
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/>'
        f"{required}{logic}</decision>"
    )


def function(name: str, parameters: str, feel: str, needs: str = "", kind: str = "") -> str:
    formal = "".join(
        f'<formalParameter name="{p.partition(":")[0]}" typeRef="{p.partition(":")[2]}"/>'
        for p in parameters.split()
    )
    required = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{n}"/></knowledgeRequirement>'
        for n in needs.split()
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"'
        f' typeRef="{kind}"/><encapsulatedLogic>{formal}<literalExpression><text>{feel}</text>'
        f"</literalExpression></encapsulatedLogic>{required}</businessKnowledgeModel>"
    )


def test_a_decision_sees_the_values_of_what_it_requires() -> None:
    model = model_of(
        input_data("Monthly Salary", "number", "i")
        + decision("Yearly Salary", "12 * Monthly Salary", ("requiredInput", "#i"))
        + decision("Bonus", "Yearly Salary / 10", ("requiredDecision", "#Yearly Salary"))
    )
    found = model.explain("Bonus", {"Monthly Salary": 1000})
    assert found.value == 1200
    assert found.decisions == {"Yearly Salary": 12000, "Bonus": 1200}
    assert found.inputs == {"Monthly Salary": 1000}


def test_a_name_that_is_not_required_is_null() -> None:
    model = model_of(input_data("a", "number") + decision("d", "if a = null then 0 else 1"))
    assert model.evaluate("d", {"a": 5}) == 0


def test_an_input_that_is_not_of_its_type_is_null_and_a_note_says_so() -> None:
    model = model_of(input_data("a", "number") + decision("d", "a", ("requiredInput", "#a")))
    found = model.explain("d", {"a": "five"})
    assert found.value is None
    assert found.notes == ('input "a" is no number that is allowed',)


def test_unknown_inputs_and_decisions_are_refused_with_the_nearest_name() -> None:
    model = model_of(input_data("Salary") + decision("Bonus", "1"))
    with pytest.raises(ValueError, match='no input "Sallary"; did you mean "Salary"'):
        model.evaluate("Bonus", {"Sallary": 1})
    with pytest.raises(ValueError, match='no decision "Bonos"; did you mean "Bonus"'):
        model.evaluate("Bonos")


def test_a_long_chain_of_decisions_is_evaluated() -> None:
    links = [decision("d0", "1")]
    links += [
        decision(f"d{n}", f"d{n - 1} + 1", ("requiredDecision", f"#d{n - 1}"))
        for n in range(1, 1500)
    ]
    assert model_of("".join(links)).evaluate("d1499") == 1500


def test_a_circle_of_decisions_is_a_problem_and_gives_null() -> None:
    model = model_of(
        decision("a", "b", ("requiredDecision", "#b"))
        + decision("b", "a", ("requiredDecision", "#a"))
        + decision("c", "7")
    )
    assert [p.message for p in model.problems] == [
        "decisions need each other in a circle: a -> b -> a"
    ]
    assert model.evaluate("a") is None
    assert model.evaluate("c") == 7


def test_a_mistake_has_its_line_and_column_and_the_rest_still_works() -> None:
    body = "\n" + decision("bad", "1 +\n  )") + decision("good", "2")
    model = model_of(body)
    (problem,) = model.problems
    assert (problem.code, problem.span and (problem.span.line, problem.span.column)) == (
        "CW652",
        (3, 3),
    )
    assert problem.pointer == "bad"
    assert model.evaluate("bad") is None
    assert model.evaluate("good") == 2


def test_a_reference_to_nothing_is_a_problem() -> None:
    model = model_of(decision("d", "1", ("requiredDecision", "#gone")))
    assert [p.message for p in model.problems] == ['"d": nothing in the model has the id "#gone"']


# Business knowledge models


def test_a_knowledge_model_is_called_by_position_and_by_name() -> None:
    model = model_of(
        function("less", "a:number b:number", "a - b")
        + decision("d", "[less(5, 3), less(b: 5, a: 3)]", ("requiredKnowledge", "#less"))
    )
    assert model.evaluate("d") == [2, -2]


def test_an_argument_that_is_not_of_its_type_makes_the_call_null() -> None:
    model = model_of(
        function("known", "a:number", "a != null")
        + decision("d", '[known(1), known("x"), known(null)]', ("requiredKnowledge", "#known"))
    )
    assert model.evaluate("d") == [True, None, False]


def test_knowledge_models_call_each_other_and_themselves() -> None:
    model = model_of(
        function("twice", "n", "2 * n")
        + function("power", "n", "if n = 0 then 1 else twice(power(n - 1))", "twice")
        + decision("d", "power(10)", ("requiredKnowledge", "#power"))
    )
    assert model.evaluate("d") == 1024


def test_endless_recursion_ends_within_the_budget() -> None:
    from casewright.feel import BudgetExceeded

    model = model_of(
        function("f", "n", "f(n + 1)") + decision("d", "f(1)", ("requiredKnowledge", "#f"))
    )
    with pytest.raises(BudgetExceeded):
        model.evaluate("d")


def test_a_result_that_is_not_of_the_declared_type_is_null() -> None:
    model = model_of(
        function("f", "n", '"text"', kind="number")
        + decision("d", "f(1)", ("requiredKnowledge", "#f"))
        + decision("e", "[5]", kind="number")
    )
    assert model.evaluate("d") is None
    assert model.evaluate("e") == 5


JAVA = (
    '<businessKnowledgeModel id="cosine" name="cosine"><variable name="cosine"/>'
    '<encapsulatedLogic kind="Java"><formalParameter name="x" typeRef="number"/><context>'
    '<contextEntry><variable name="class"/><literalExpression><text>"java.lang.Math"</text>'
    "</literalExpression></contextEntry>"
    '<contextEntry><variable name="method signature"/><literalExpression>'
    '<text>"cos(double)"</text></literalExpression></contextEntry>'
    "</context></encapsulatedLogic></businessKnowledgeModel>"
    + decision("d", "cosine(2)", ("requiredKnowledge", "#cosine"))
)


def test_a_java_function_is_refused_with_what_to_do() -> None:
    model = model_of(JAVA)
    (problem,) = model.problems
    assert problem.message == '"cosine": Java functions are not called'
    assert 'functions={"java.lang.Math.cos": ...}' in problem.hint
    assert model.evaluate("d") is None


def times_21(x: int) -> int:
    return x * 21


def test_an_external_function_in_an_expression_is_told_with_its_place() -> None:
    text = 'function(x) external {java: {class: "a.B", method signature: "c(int)"}}'
    model = model_of(decision("d", f"[1, ({text})(1)]"))
    (problem,) = model.problems
    assert problem.message == '"d": external functions are not called'
    assert problem.span is not None
    assert model.evaluate("d") == [1, None]


@pytest.mark.parametrize("name", ["java.lang.Math.cos", "cosine"])
def test_a_python_function_stands_for_a_java_one(name: str) -> None:
    model = model_of(JAVA, functions={name: times_21})
    assert not model.problems
    assert model.evaluate("d") == 42


def test_what_a_host_function_raises_is_an_error_of_the_host() -> None:
    def broken(x: int) -> int:
        raise RuntimeError("no connection")

    model = model_of(JAVA, functions={"cosine": broken})
    with pytest.raises(HostError, match='function "broken" of the host failed: no connection'):
        model.evaluate("d")


def test_now_is_what_the_caller_says() -> None:
    model = model_of(decision("d", "now().year"))
    assert model.evaluate("d", now=datetime(2031, 5, 1, tzinfo=UTC)) == 2031
    assert model.evaluate("d") is None


# Decision services

SERVICE = (
    input_data("n", "number")
    + decision("Half", "n / 2", ("requiredInput", "#n"))
    + decision("Sum", "Half + n", ("requiredDecision", "#Half"), ("requiredInput", "#n"))
    + '<decisionService id="full" name="full"><variable name="full"/>'
    '<outputDecision href="#Sum"/><encapsulatedDecision href="#Half"/><inputData href="#n"/>'
    "</decisionService>"
    '<decisionService id="given" name="given"><variable name="given"/>'
    '<outputDecision href="#Sum"/><outputDecision href="#Half"/>'
    '<inputDecision href="#Half"/><inputData href="#n"/></decisionService>'
)


def test_a_service_with_one_output_gives_its_value() -> None:
    assert model_of(SERVICE).evaluate_service("full", {"n": 10}) == 15


def test_a_service_takes_the_values_of_input_decisions_and_gives_a_context() -> None:
    model = model_of(SERVICE)
    assert model.services == ("full", "given")
    assert model.evaluate_service("given", {"n": 10, "Half": 1}) == {"Sum": 11, "Half": 1}
    with pytest.raises(ValueError, match='decision service "full" has no input "Half"'):
        model.evaluate_service("full", {"n": 10, "Half": 1})


def test_a_service_is_a_function_with_data_before_decisions() -> None:
    body = SERVICE + decision(
        "all", "[full(4), given(10, 3).Sum, given(Half: 1, n: 2).Sum]",
        ("requiredKnowledge", "#full"), ("requiredKnowledge", "#given"),
    )  # fmt: skip
    assert model_of(body).evaluate("all") == [6, 13, 3]


# Imports

LIBRARY = text_of(
    '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..150]</text>'
    "</allowedValues></itemDefinition>"
    + input_data("Person name", "string", "p")
    + decision("Greeting", '"Hello " + Person name', ("requiredInput", "#p"))
    + function("Say to", "who:string", '"To " + who'),
    "library",
    "urn:library",
)
USER = (
    '<import name="lib" namespace="urn:library"'
    ' importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    + input_data("Age", "lib.tAge")
    + decision("Letter", "lib.Greeting + lib.Say to(lib.Person name)",
        ("requiredDecision", "urn:library#Greeting"), ("requiredInput", "urn:library#p"),
        ("requiredKnowledge", "urn:library#Say to"))
    + decision("Adult", "Age >= 18", ("requiredInput", "#Age"))
)  # fmt: skip


def test_an_imported_model_is_named_with_the_prefix_of_the_import() -> None:
    model = dmn.load(text_of(USER), imports=[dmn.load(LIBRARY)])
    assert not model.problems
    assert model.evaluate("Letter", {"lib": {"Person name": "Ann"}}) == "Hello AnnTo Ann"
    assert model.evaluate("Letter", {"Person name": "Bob"}) == "Hello BobTo Bob"
    assert model.evaluate("Letter", {"lib.Person name": "Eve"}) == "Hello EveTo Eve"
    assert model.evaluate("Adult", {"Age": 20}) is True
    assert model.evaluate("Adult", {"Age": 200}) is None


def test_an_import_without_a_name_needs_no_prefix() -> None:
    body = USER.replace('name="lib"', 'name=""').replace("lib.", "")
    model = dmn.load(text_of(body), imports=[dmn.load(LIBRARY)])
    assert not model.problems
    assert model.evaluate("Letter", {"Person name": "Ann"}) == "Hello AnnTo Ann"
    assert model.evaluate("Adult", {"Age": 200}) is None


def test_imports_are_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "other.dmn").write_text(LIBRARY, "utf-8")
    (tmp_path / "main.dmn").write_text(text_of(USER), "utf-8")
    model = dmn.load(tmp_path / "main.dmn")
    assert model.evaluate("Letter", {"lib": {"Person name": "Ann"}}) == "Hello AnnTo Ann"


def test_an_import_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.dmn").write_text(LIBRARY, "utf-8")
    (tmp_path / "inner").mkdir()
    body = text_of(USER).replace('name="lib"', 'name="lib" locationURI="../secret.dmn"')
    (tmp_path / "inner" / "main.dmn").write_text(body, "utf-8")
    with pytest.raises(SpecError, match='no model of namespace "urn:library" is found'):
        dmn.load(tmp_path / "inner" / "main.dmn")


def test_models_that_import_each_other_are_refused(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        body = f'<import name="x" namespace="urn:{other}"/>' + decision("d", "1")
        (tmp_path / f"{one}.dmn").write_text(text_of(body, one, f"urn:{one}"), "utf-8")
    with pytest.raises(SpecError, match="import each other in a circle"):
        dmn.load(tmp_path / "a.dmn")


def test_two_imports_of_one_model_have_inputs_of_their_own() -> None:
    greeting = ("requiredDecision", "urn:library#Greeting")
    middle = [
        text_of(
            '<import name="lib" namespace="urn:library"/>'
            + decision("Said", f'"{n}: " + lib.Greeting', greeting),
            n,
            f"urn:{n}",
        )
        for n in ("one", "two")
    ]  # fmt: skip
    library = dmn.load(LIBRARY)
    models = [dmn.load(text, imports=[library]) for text in middle]
    body = '<import name="A" namespace="urn:one"/><import name="B" namespace="urn:two"/>'
    body += decision(
        "both", "A.Said + B.Said", ("requiredDecision", "urn:one#Said"),
        ("requiredDecision", "urn:two#Said"),
    )  # fmt: skip
    inputs = {
        "A": {"lib": {"Person name": "x"}},
        "B": {"lib": {"Person name": "y"}},
    }
    assert dmn.load(text_of(body), imports=models).evaluate("both", inputs) == (
        "one: Hello xtwo: Hello y"
    )


@pytest.mark.parametrize("version", ["20180521", "20191111", "20211108", "20230324"])
def test_versions_1_2_to_1_5_are_read(version: str) -> None:
    text = text_of(decision("d", "1 + 1"), version=version)
    if version == "20180521":
        text = text.replace("https://www.omg", "http://www.omg")
    assert dmn.load(text).evaluate("d") == 2


# Hostile models


def test_boxes_as_deep_as_the_limit_work() -> None:
    depth = 110
    logic = "<list>" * depth + "<literalExpression><text>1</text></literalExpression>"
    found = model_of(decision("d", "", logic=logic + "</list>" * depth)).evaluate("d")
    for _ in range(depth):
        (found,) = found
    assert found == 1


def test_a_chain_of_types_without_end_is_refused() -> None:
    body = "".join(
        f'<itemDefinition name="t{n}"><typeRef>t{n + 1}</typeRef></itemDefinition>'
        for n in range(3000)
    )
    with pytest.raises(SpecError, match="nested too deeply"):
        model_of(body + decision("d", "1"))


def test_types_that_mean_each_other_are_any_type() -> None:
    body = "".join(
        f'<itemDefinition name="{one}"><typeRef>{other}</typeRef></itemDefinition>'
        for one, other in (("a", "b"), ("b", "a"))
    )
    assert model_of(body + decision("d", "1", kind="a")).evaluate("d") == 1


def test_values_without_end_are_over_the_budget() -> None:
    from casewright.feel import BudgetExceeded

    value: Any = []
    for _ in range(5000):
        value = [value]
    model = model_of(input_data("a", "") + decision("d", "a", ("requiredInput", "#a")))
    with pytest.raises(BudgetExceeded):
        model.evaluate("d", {"a": value})


# Suspicions


def test_what_dmn_answers_with_null_is_told_on_demand() -> None:
    model = model_of(
        input_data("Salary", "number")
        + decision("a", "Sallary * 2", ("requiredInput", "#Salary"))
        + decision("b", 'Salary > "much"', ("requiredInput", "#Salary"))
        + decision("c", "Salary + 1", ("requiredInput", "#Salary"))
    )
    assert not model.problems
    assert [(w.severity, w.pointer, w.hint) for w in model.check()] == [
        ("warning", "a", 'did you mean "Salary"?'),
        ("warning", "b", ""),
    ]
    assert "CW302" in model.check()[0].message

"""A decision model as it is written: item definitions and the nodes of the requirement graph.

Records are plain and equal if they say the same; what they mean is worked out in ``model.py``.
Layout, annotations of the diagram and extensions of other tools are no part of them.

Source: DMN 1.5, chapters 6 (requirements) and 7.3 (item definitions, imports).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.dmn.model.boxed import NOWHERE, At, FunctionBox, Text, Variable

if TYPE_CHECKING:
    from casewright.dmn.model.boxed import Box


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """The signature that an item definition of a function has."""

    parameters: tuple[Variable, ...]
    result: str = ""


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A named type, or one component of another.

    Attributes:
        type_ref: the type that it narrows, or an empty text where it has components.
        collection: it is a list of that.
        allowed: unary tests that its values pass, those of a collection one by one, or None.
        constraint: unary tests that the value passes as a whole, or None.
        components: of a context.
        function: of a function.
    """

    name: str
    type_ref: str = ""
    collection: bool = False
    allowed: Text | None = None
    constraint: Text | None = None
    components: tuple[ItemDefinition, ...] = ()
    function: FunctionItem | None = None
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InputData:
    """A value that the caller gives."""

    id: str
    name: str
    variable: Variable
    description: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DecisionNode:
    """A decision.

    Attributes:
        id: unique in the model.
        variable: how other decisions name its value, and the type of that.
        logic: its boxed expression, or None where it is not written yet.
        inputs: hrefs of input data that it needs; ``#id``, or ``namespace#id`` of an import.
        decisions: hrefs of decisions that it needs.
        knowledge: hrefs of business knowledge models and decision services that it calls.
        label: what people read instead of its name.
    """

    id: str
    name: str
    variable: Variable
    logic: Box | None = None
    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    description: str = ""
    question: str = ""
    allowed_answers: str = ""
    label: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: a function that decisions call by name."""

    id: str
    name: str
    variable: Variable
    logic: FunctionBox | None = None
    knowledge: tuple[str, ...] = ()
    description: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Some decisions behind an interface; all lists are hrefs.

    Attributes:
        outputs: decisions whose values it gives.
        encapsulated: decisions that it works out for that.
        input_decisions: decisions whose values the caller gives.
        input_data: input data that the caller gives.
    """

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()
    description: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Import:
    """Another model whose elements this one names.

    Attributes:
        name: prefix of their names; with an empty one they have none.
        namespace: of the other model.
        kind: what is imported, as a URI; only models of DMN are read.
        location: where the other model may be found, or an empty text.
    """

    name: str
    namespace: str
    kind: str = ""
    location: str = ""
    at: At = field(default=NOWHERE, compare=False)

    @property
    def key(self) -> str:
        """Return what tells it from the other imports: its name, or else its namespace."""
        return self.name or f"<{self.namespace}>"


def prefix_of(key: str) -> str:
    """Return the prefix of names from an import with a key, an empty text for one without name."""
    return "" if key.startswith("<") else key


@dataclass(frozen=True, slots=True)
class Definitions:
    """A decision model.

    Attributes:
        namespace: what other models import it by.
        language: of expressions that do not say theirs; an empty text is FEEL.
    """

    name: str
    namespace: str = ""
    items: tuple[ItemDefinition, ...] = ()
    inputs: tuple[InputData, ...] = ()
    decisions: tuple[DecisionNode, ...] = ()
    knowledge: tuple[KnowledgeModel, ...] = ()
    services: tuple[DecisionService, ...] = ()
    imports: tuple[Import, ...] = ()
    language: str = ""
    description: str = ""

"""Boxed expressions as they are written: plain records, equal if they say the same.

Where something is written (:class:`At`) does not count when two of them are compared, so that a
model that was saved and read back equals the one it came from.

Source: DMN 1.5, chapters 7 (expressions), 8 (decision tables) and 10.2 (boxed expressions).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from casewright.dmn.definition import Aggregation, HitPolicy

FunctionKind = Literal["FEEL", "Java", "PMML"]


@dataclass(frozen=True, slots=True)
class At:
    """A place in XML text; lines and columns count from 1, 0 is unknown.

    Attributes:
        line: of the element, or of the text in it.
        column: likewise.
        id: of the element, or of the nearest one around it that has one.
    """

    line: int = 0
    column: int = 0
    id: str = ""


NOWHERE = At()


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of FEEL: an expression or unary tests."""

    text: str
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """A name with a type.

    Attributes:
        type_ref: name of a built-in type or of an item definition, or an empty text.
    """

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class LiteralBox:
    """A FEEL expression.

    Attributes:
        language: what it is written in; an empty text is the language of the model.
    """

    body: Text
    type_ref: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class InputClause:
    """An input of a decision table.

    Attributes:
        allowed: unary tests that its values pass, or None.
        notes: what packs say about a column and DMN has no word for, by key.
    """

    expression: Text
    type_ref: str = ""
    allowed: Text | None = None
    label: str = ""
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OutputClause:
    """An output of a decision table.

    Attributes:
        name: key of the result; may be empty where there is only one output.
        allowed: its values, the highest priority first, or None.
        default: what stands where no rule matches, or None.
        notes: what packs say about a column and DMN has no word for, by key.
    """

    name: str = ""
    type_ref: str = ""
    allowed: Text | None = None
    default: Text | None = None
    label: str = ""
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: a cell for each input and each output, and for each annotation of the table."""

    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]
    annotations: tuple[str, ...] = ()
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TableBox:
    """A decision table."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = "unique"
    aggregation: Aggregation | None = None
    annotations: tuple[str, ...] = ()
    output_label: str = ""
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a context; one without a variable is the result."""

    variable: Variable | None
    value: Box | None


@dataclass(frozen=True, slots=True)
class ContextBox:
    """A context, or the result that its last entry gives."""

    entries: tuple[Entry, ...]
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Binding:
    """An argument of an invocation."""

    parameter: Variable
    value: Box | None


@dataclass(frozen=True, slots=True)
class InvocationBox:
    """A call of a function with named arguments."""

    function: Box | None
    bindings: tuple[Binding, ...]
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FunctionBox:
    """A function definition; of kinds other than FEEL the body says what is called."""

    parameters: tuple[Variable, ...]
    body: Box | None
    kind: FunctionKind = "FEEL"
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ListBox:
    """A list of expressions."""

    items: tuple[Box | None, ...]
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class RelationBox:
    """A list of contexts with the same keys."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Box | None, ...], ...]
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ConditionalBox:
    """One of two expressions."""

    condition: Box | None
    then: Box | None
    otherwise: Box | None
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FilterBox:
    """The elements of a list that match."""

    source: Box | None
    match: Box | None
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IteratorBox:
    """A loop over a list: ``for`` returns a list, ``some`` and ``every`` a truth value."""

    kind: Literal["for", "some", "every"]
    variable: str
    source: Box | None
    body: Box | None
    type_ref: str = ""
    at: At = field(default=NOWHERE, compare=False)


Box: TypeAlias = (
    LiteralBox
    | TableBox
    | ContextBox
    | InvocationBox
    | FunctionBox
    | ListBox
    | RelationBox
    | ConditionalBox
    | FilterBox
    | IteratorBox
)

"""What all models share: names, expressions, values, fields, and the head of a document.

Attribute names are the YAML keys; a key that is a Python keyword (or a name that pydantic keeps
for itself) gets one trailing underscore. The text under an attribute becomes its description in
the JSON Schema. Nothing here knows how a reference is resolved or an expression compiled.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import WithJsonSchema as Shown

Item = TypeVar("Item")

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
REFERENCE_PATTERN = r"^([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*$"


def _key(name: str) -> str:
    return name.removesuffix("_")


def _feel_text(value: object) -> object:
    """Return the FEEL text of a literal that YAML has typed, such as ``when: true``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return value


class Model(BaseModel):
    """A closed, immutable map of a spec."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=_key,
        protected_namespaces=(),
        arbitrary_types_allowed=False,
    )


Name: TypeAlias = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""A name that the spec declares: snake_case."""

Ref: TypeAlias = Annotated[str, StringConstraints(pattern=REFERENCE_PATTERN)]
"""A name that is declared elsewhere: ``name`` of this pack or ``pack.name`` of one it uses."""

Many: TypeAlias = Annotated[tuple[Item, ...], Field(strict=False)]
"""A YAML list."""

OneOrMany: TypeAlias = Item | Many[Item]
"""One thing, or a list of such things."""

Expr: TypeAlias = Annotated[
    str,
    BeforeValidator(_feel_text),
    Shown({"type": ["string", "boolean", "number"], "format": "feel"}),
]
"""A FEEL expression (DMN 1.5); booleans and numbers stand for themselves."""

Value: TypeAlias = Annotated[Any, Shown({"x-casewright": "value"})]
"""A YAML literal, or FEEL in a string that begins with ``= ``."""

Text: TypeAlias = Annotated[str, Shown({"type": "string", "x-casewright": "value"})]
"""A text, or FEEL in a string that begins with ``= ``."""

DurationText: TypeAlias = Annotated[
    str, Shown({"type": "string", "format": "casewright-duration", "x-casewright": "value"})
]
"""A duration such as ``8 business hours`` or ``PT8H``, or FEEL after ``= ``."""

Integer: TypeAlias = Annotated[int, Shown({"type": "integer"})]

Number: TypeAlias = Annotated[int | Decimal, Shown({"type": "number"})]

DateText: TypeAlias = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]

FieldType: TypeAlias = Literal[
    "string",
    "text",
    "journal",
    "integer",
    "number",
    "boolean",
    "date",
    "date_time",
    "duration",
    "choice",
    "reference",
    "attachment",
    "map",
]

Choice: TypeAlias = str | int
Choices: TypeAlias = Many[Choice] | dict[str, str]


class SpecModel(Model):
    """The head that every document has."""

    kind: str
    """What the document declares."""
    name: Name
    """Unique among the specs of its kind in the pack; snake_case."""
    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """Why it exists; shown in documentation."""
    tags: Many[str] = ()
    """Free words to find it by."""


def one_or_many(value: OneOrMany[Item] | None) -> tuple[Item, ...]:
    """Return the things as a tuple: none for None, one for a single thing."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return cast("tuple[Item, ...]", value)
    return (value,)


class FieldDefinition(Model):
    """A field of a case, of a record, of an event's data, or a setting."""

    type: FieldType
    """The type of its values."""
    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it is for."""
    required: bool = False
    """An outside event may not leave it without a value; states marked `draft` waive this."""
    default: Value = None
    """The value at creation: a literal, or FEEL after `= `."""
    many: bool = False
    """It holds a list of such values."""
    max_length: Annotated[int, Field(ge=1), Shown({"type": "integer", "minimum": 1})] | None = None
    """Greatest number of characters."""
    minimum: Number | None = None
    """Least value of a number."""
    maximum: Number | None = None
    """Greatest value of a number."""
    choices: Choices | dict[str, Choices] | None = None
    """Values of a choice: a list, `value: label`, or by value of `depends_on` such a list."""
    depends_on: Name | None = None
    """The field whose value selects among the `choices`."""
    to: Ref | None = None
    """What a reference points to: a record type or a case type."""
    check: Expr | None = None
    """Must hold when there is a value; `item` is the value, of a list each element."""
    computed: Expr | None = None
    """Works the value out; nobody sets it."""
    set_once: bool = False
    """Once it has a value it keeps it."""
    indexed: bool = False
    """Records may be filtered by it."""
    read: Many[Name] | None = None
    """Roles that may read it; without it, who may `read`."""
    write: Many[Name] | None = None
    """Roles that may write it; without it, who may `update`."""


Fields: TypeAlias = dict[Name, FieldDefinition]

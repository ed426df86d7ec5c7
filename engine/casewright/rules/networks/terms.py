"""Conditions as comparisons between values of facts: what a network can look up or hand on.

A term says nothing that its condition does not say, with FEEL's own treatment of null: ``=`` of two
nulls is true, ``!=`` of null and a value is true, an order with null does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Op = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A value of a fact.

    Attributes:
        pattern: name of the pattern that holds the fact.
        name: of the value in the fact's data.
        kind: its declared type, such as ``integer`` or ``string``; ``any`` where it is not known.
    """

    pattern: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal value; None is null."""

    value: Any


@dataclass(frozen=True, slots=True)
class Sum:
    """``left op right`` of numbers, with one of ``+ - *``."""

    op: Literal["+", "-", "*"]
    left: Operand
    right: Operand


Operand = FieldOf | Constant | Sum


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right``."""

    op: Op
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these holds."""

    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these holds."""

    items: tuple[Term, ...]


Term = Compare | AllOf | AnyOf

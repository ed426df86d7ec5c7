"""FEEL, the expression language of DMN 1.5: parsed, checked against a scope, compiled to Python.

Stands alone, too::

    from casewright import feel

    feel.evaluate("priority <= 2 and contact.vip", {"priority": 1, "contact": {"vip": True}})
"""

from __future__ import annotations

from casewright.feel.api import Expression, UnaryTests, compile, compile_unary, evaluate
from casewright.feel.budget import Budget, BudgetExceeded, Limits
from casewright.feel.deciding import Deciding
from casewright.feel.explain import Explanation
from casewright.feel.faults import Unavailable
from casewright.feel.origins import Teller
from casewright.feel.parts import UNKNOWN, shown
from casewright.feel.plan import NOT_LITERAL, FunctionCall
from casewright.feel.problems import FeelError, Problem
from casewright.feel.scope import Function, Name, Parameter, Scope
from casewright.feel.types import (
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    RecordSetType,
    ReferenceType,
    Type,
)
from casewright.feel.values import FunctionValue, Range, Time, YearsMonths

__all__ = [
    "NOT_LITERAL",
    "UNKNOWN",
    "Budget",
    "BudgetExceeded",
    "ContextType",
    "Deciding",
    "Explanation",
    "Expression",
    "FeelError",
    "Function",
    "FunctionCall",
    "FunctionType",
    "FunctionValue",
    "Limits",
    "ListType",
    "Member",
    "Name",
    "Parameter",
    "Problem",
    "Range",
    "RangeType",
    "RecordSetType",
    "ReferenceType",
    "Scope",
    "Teller",
    "Time",
    "Type",
    "UnaryTests",
    "Unavailable",
    "YearsMonths",
    "compile",
    "compile_unary",
    "evaluate",
    "shown",
]

"""DMN 1.5: decision tables with index and analysis, decision models and their XML form."""

from casewright.dmn.analysis import Finding, analysed, analysis_problems
from casewright.dmn.circles import calling_circles
from casewright.dmn.decide import Decision, decide, load_table
from casewright.dmn.definition import (
    Cell,
    InputColumn,
    OutputColumn,
    Place,
    Problem,
    Row,
    TableDefinition,
)
from casewright.dmn.doors import load, save
from casewright.dmn.exchange.csv_text import csv_of
from casewright.dmn.explain import Explanation, MatchedRow, NearMiss, explain
from casewright.dmn.hit_policy import HitPolicyError
from casewright.dmn.notation import read_definition
from casewright.dmn.table import Table, compile_table, signature

__all__ = [
    "Cell",
    "Decision",
    "Explanation",
    "Finding",
    "HitPolicyError",
    "InputColumn",
    "MatchedRow",
    "NearMiss",
    "OutputColumn",
    "Place",
    "Problem",
    "Row",
    "Table",
    "TableDefinition",
    "analysed",
    "analysis_problems",
    "calling_circles",
    "compile_table",
    "csv_of",
    "decide",
    "explain",
    "load",
    "load_table",
    "read_definition",
    "save",
    "signature",
]

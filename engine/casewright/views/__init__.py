"""Views: lists, highlights, forms, indicators and handling notes."""

from casewright.views.compiling import (
    compile_handling_notes,
    compile_record_views,
    compile_views,
)
from casewright.views.definition import (
    Column,
    Entry,
    Form,
    HandlingNote,
    Highlight,
    ListView,
    Row,
    Views,
    handling_notes,
)
from casewright.views.indicators import Figure, Indicator
from casewright.views.records import Record

__all__ = [
    "Column",
    "Entry",
    "Figure",
    "Form",
    "HandlingNote",
    "Highlight",
    "Indicator",
    "ListView",
    "Record",
    "Row",
    "Views",
    "compile_handling_notes",
    "compile_record_views",
    "compile_views",
    "handling_notes",
]

"""Programs: packs compiled into the pure step that every host is a shell around."""

from casewright.program.compile import check_packs, compile_packs
from casewright.program.kind import CaseType, Limits
from casewright.program.program import Program
from casewright.program.why import RuleVerdict
from casewright.program.why_other import ElementVerdict
from casewright.program.why_watch import PatternVerdict
from casewright.program.why_window import WindowVerdict

__all__ = [
    "CaseType",
    "ElementVerdict",
    "Limits",
    "PatternVerdict",
    "Program",
    "RuleVerdict",
    "WindowVerdict",
    "check_packs",
    "compile_packs",
]

"""Templates: messages and guidance in sandboxed Jinja2, checked against the scope."""

from casewright.templates.compiling import (
    Template,
    check_templates,
    chooser,
    compile_template,
    compile_templates,
    find_template,
    text_maker,
)
from casewright.templates.fault import TemplateFault
from casewright.templates.rendering import Message, message, rendered

__all__ = [
    "Message",
    "Template",
    "TemplateFault",
    "check_templates",
    "chooser",
    "compile_template",
    "compile_templates",
    "find_template",
    "message",
    "rendered",
    "text_maker",
]

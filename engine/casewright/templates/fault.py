"""The exception of rendering, apart from what imports Jinja2."""

from __future__ import annotations


class TemplateFault(ValueError):  # noqa: N818  the step gives it the status bad_value
    """A template cannot be rendered on the data that it was given."""

"""Options of the project's own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--calendar-cases",
        type=int,
        default=2_000,
        help="random calendars that are compared with a stepper (20000 for a thorough run)",
    )

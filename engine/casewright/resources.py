"""Where the bundled JSON Schemas and packs live.

A wheel carries them under ``casewright/_data``, a checkout beside ``engine``. This module is the
only one that knows both places.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def data_dir() -> Path:
    """Return the folder that holds ``schemas`` and ``specs``."""
    package = Path(__file__).resolve().parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parents[1]


def schemas_dir() -> Path:
    """Return the folder of the published JSON Schemas, one file a kind."""
    return data_dir() / "schemas"


def specs_dir() -> Path:
    """Return the folder of the packs that ship, one folder a pack."""
    return data_dir() / "specs"

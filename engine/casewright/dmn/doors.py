"""The doors to models in XML; what is behind them is imported when they are first opened.

Packs need tables only, and are not to wait for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from casewright.dmn.model.definition import Definitions
    from casewright.dmn.model.model import Model


def load(
    source: str | Path,
    *,
    imports: Iterable[Model] = (),
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Model:
    """Return the model in a DMN file of version 1.2 to 1.5, or in the text of one.

    Logic that cannot be compiled gives null when it is evaluated; ``Model.problems`` says what is
    wrong, with places.

    Args:
        source: a path, or XML text, which is told by the ``<`` it begins with.
        imports: models that this one may import. Others are looked for in the folder of the file,
            and below it where the import says a location; nothing is fetched from elsewhere.
        functions: Python functions in place of Java and PMML ones, by ``class.method`` or by the
            name of the business knowledge model; they take and give FEEL values.

    Raises:
        SpecError: no XML, no DMN, an import that is not found or that is circular.
        OSError: the file cannot be read.
    """
    from casewright.dmn.xml.load import load as load_model

    return load_model(source, imports, functions or {})


def save(model: Model | Definitions) -> str:
    """Return a model as DMN 1.5 XML that other modellers open, with a simple diagram.

    Loading the text gives an equal model; models that it imports are not part of it.
    """
    from casewright.dmn.model.model import Model as Loaded
    from casewright.dmn.xml.write import write_definitions

    return write_definitions(model.definitions if isinstance(model, Loaded) else model)

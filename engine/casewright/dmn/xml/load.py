"""Loading a model with those that it imports, from files or from texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from casewright.dmn.model.model import Model
from casewright.dmn.xml.names import VERSIONS
from casewright.dmn.xml.read import read_definitions
from casewright.dmn.xml.tree import XML, parse
from casewright.errors import Diagnostic, Span, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.dmn.model.definition import Definitions, Import

MAX_IMPORTS = 20
MAX_BYTES = 40_000_000


def load(
    source: str | Path,
    imports: Iterable[Model],
    functions: Mapping[str, Callable[..., Any]],
) -> Model:
    """Return a model; arguments and errors are those of :func:`casewright.dmn.load`."""
    loader = _Loader({model.definitions.namespace: model for model in imports}, functions)
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith("<"):
        return loader.model(source.lstrip("\ufeff \t\r\n"), "<dmn>", None)
    path = Path(source)
    return loader.model(_read(path), str(path), path)


def _read(path: Path) -> str:
    """Return the text of a file, in UTF-8 or, with its mark, UTF-16."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        message = f"the file is longer than {MAX_BYTES} bytes"
        raise SpecError([Diagnostic(XML, "error", message, Span(str(path)))])
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if marked else "utf-8-sig", "replace")


class _Loader:
    def __init__(
        self, known: dict[str, Model], functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self._known = known
        self._functions = functions
        self._open: list[str] = []

    def model(self, text: str, name: str, path: Path | None) -> Model:
        return self._compiled(read_definitions(parse(text, name), name), name, path)

    def _compiled(self, definitions: Definitions, name: str, path: Path | None) -> Model:
        self._open.append(definitions.namespace)
        imports = {
            item.key: self._imported(item, name, path)
            for item in definitions.imports
            if _is_model(item)
        }
        self._open.pop()
        try:
            return Model(definitions, imports=imports, functions=self._functions, path=name)
        except RecursionError:
            message = "types or expressions are nested too deeply"
            raise SpecError([Diagnostic(XML, "error", message, Span(name))]) from None

    def _imported(self, item: Import, name: str, path: Path | None) -> Model:
        span = Span(name, item.at.line or 1, item.at.column or 1)
        if item.namespace in self._open or len(self._open) > MAX_IMPORTS:
            message = f'models import each other in a circle: "{item.namespace}"'
            raise SpecError([Diagnostic(XML, "error", message, span)])
        if item.namespace not in self._known:
            found = None if path is None else _find(item, path)
            if found is None:
                message = f'no model of namespace "{item.namespace}" is found'
                hint = "put its file beside this one, or give it: dmn.load(..., imports=[...])"
                raise SpecError([Diagnostic(XML, "error", message, span, hint=hint)])
            definitions, file = found
            self._known[item.namespace] = self._compiled(definitions, str(file), file)
        return self._known[item.namespace]


def _is_model(item: Import) -> bool:
    """Return whether an import is one of a DMN model; schemas and PMML files are not read."""
    return not item.kind or item.kind in VERSIONS or "/DMN/" in item.kind


def _find(item: Import, path: Path) -> tuple[Definitions, Path] | None:
    """Return the model of a namespace among the files of a folder, with its path."""
    folder = path.parent.resolve()
    files = sorted(folder.glob("*.dmn"))
    if item.location and "://" not in item.location:
        at = (folder / item.location).resolve()
        if at.is_relative_to(folder) and at.is_file():
            files.insert(0, at)
    for file in files:
        if file == path.resolve():
            continue
        text = _read(file)
        if item.namespace not in text:
            continue
        definitions = read_definitions(parse(text, str(file)), str(file))
        if definitions.namespace == item.namespace:
            return definitions, file
    return None

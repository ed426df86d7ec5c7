"""Loading packs: folders and files, what they use, overlays, ``extends``.

This is the only part of the language's front that finds files. A path is a pack folder (one with
``pack.yaml``), a folder of packs, or a file: one of a pack stands for its pack, one with a
``pack`` document is a pack by itself, and any other a pack of its own that may name the bundled
ones. All mistakes of all files are collected.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from casewright.errors import Diagnostic, Related, Span, in_order
from casewright.resources import specs_dir
from casewright.spec.assembly import assemble
from casewright.spec.check import explain
from casewright.spec.collecting import collector_paused
from casewright.spec.drafts import KINDS, Draft, RawPack, Reports, text_of, uses_of
from casewright.spec.nearest import suggestion
from casewright.spec.nodes import DEFAULT_LIMITS, Document, Limits, Node, Source
from casewright.spec.source import Loaded, load_file, load_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.spec.pack_set import PackSet

PACK_FILES = ("pack.yaml", "pack.yml")
_SUFFIXES = frozenset({".yaml", ".yml"})
_SCHEMA = re.compile(r"casewright/(\d+)\Z")
_SCHEMA_VERSION = 1
_QUALIFIED = re.compile(r"\b([a-z][a-z0-9_]*)\.[a-z]")
_NOT_NAME = re.compile(r"[^a-z0-9]+")


def load_packs(
    paths: Path | str | Iterable[Path | str],
    *,
    domain: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[PackSet, list[Diagnostic]]:
    """Return packs with all that they use, and every mistake in them.

    Args:
        paths: pack folders, folders of packs, files.
        domain: the tenant whose overlays are applied; without it none is.
        limits: what a file may cost.

    Returns:
        The packs, and the diagnostics in order. A spec with mistakes is among the packs' if all
        of them have a sure cure, as if it were cured; packs with an error are not to be run.
    """
    loader = _Loader(domain, limits)
    with collector_paused():
        for path in [paths] if isinstance(paths, str | Path) else paths:
            loader.add(Path(path))
        loader.add_used()
        return loader.finish()


def load_texts(
    texts: Mapping[str, str], *, domain: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> tuple[PackSet, list[Diagnostic]]:
    """Return packs that lie in no file, such as those of a database.

    Args:
        texts: by path, ``pack/file.yaml`` or, for a pack of one file, ``file.yaml``.
        domain: the tenant whose overlays are applied; without it none is.
        limits: what a text may cost.
    """
    loader = _Loader(domain, limits)
    folders: dict[str, list[str]] = {}
    for path in texts:
        folders.setdefault(path.split("/")[0], []).append(path)
    with collector_paused():
        for folder, names in folders.items():
            loader.add_texts(folder, {name: texts[name] for name in names})
        loader.add_used()
        return loader.finish()


class _Loader:
    """Collects packs and diagnostics."""

    def __init__(self, domain: str | None, limits: Limits) -> None:
        self.domain = domain
        self.limits = limits
        self.packs: dict[str, RawPack] = {}
        self.reports = Reports()
        self.seen: set[Path] = set()

    # Finding

    def add(self, path: Path) -> None:
        """Add what a path stands for."""
        if path.is_dir():
            folders = list(_pack_folders(path))
            for folder in folders:
                self.add_folder(folder, is_given=True)
            if not folders:
                self._nowhere(
                    "CW205",
                    f'no pack.yaml in or below "{path}"',
                    path,
                    "a pack is a folder with one",
                )
        elif path.is_file():
            self._add_file(path)
        else:
            self._nowhere("CW001", f'there is no file or folder "{path}"', path)

    def _nowhere(self, code: str, message: str, path: Path, hint: str = "") -> None:
        self.reports.found.append(Diagnostic(code, "error", message, Span(str(path)), hint=hint))

    def _add_file(self, path: Path) -> None:
        if path.name in PACK_FILES:
            self.add_folder(path.parent, is_given=True)
            return
        loaded = load_file(path, limits=self.limits)
        has_head = any(text_of(doc.root, "kind") == "pack" for doc in loaded.documents)
        folder = None if has_head else _owner(path)
        if folder is not None:
            self.add_folder(folder, is_given=True)
            return
        if not self._is_new(path):
            return
        pack = RawPack(_pack_name(path), None, path.parent, is_given=True)
        self._take_in(pack, [loaded])
        self._register(pack)

    def add_texts(self, folder: str, texts: Mapping[str, str]) -> None:
        """Add a pack by the texts of its files."""
        pack = RawPack(_pack_name(Path(folder)), None, Path(folder), is_given=True, texts=texts)
        names = [name for name in texts if Path(name).suffix in _SUFFIXES]
        names.sort(key=lambda name: (Path(name).name not in PACK_FILES, name))
        self._take_in(pack, [load_text(texts[name], name, limits=self.limits) for name in names])
        self._register(pack)

    def _is_new(self, path: Path) -> bool:
        resolved = path.resolve()
        if resolved in self.seen:
            return False
        self.seen.add(resolved)
        return True

    def add_folder(self, folder: Path, *, is_given: bool) -> None:
        """Add the pack in a folder."""
        if not self._is_new(folder):
            return
        pack = RawPack(folder.name, folder, folder, is_given)
        inside: list[Path] = []
        for path in _spec_files(folder):
            if path.resolve().is_relative_to(folder.resolve()):
                inside.append(path)
            else:
                self._nowhere("CW210", "the file lies outside the pack", path, "copy it here")
        self._take_in(pack, [load_file(path, limits=self.limits) for path in inside])
        self._register(pack)

    def _take_in(self, pack: RawPack, files: Iterable[Loaded]) -> None:
        sources: list[Source] = []
        for loaded in files:
            self.reports.found.extend(loaded.diagnostics)
            pack.is_incomplete |= not loaded.is_whole
            if loaded.source is not None:
                sources.append(loaded.source)
            for document in loaded.documents:
                self._identify(pack, document)
        if pack.head is not None:
            pack.name = pack.head.name
        elif pack.folder is not None and not pack.is_incomplete:
            self._nowhere("CW205", "pack.yaml holds no pack document", pack.folder / PACK_FILES[0])
        else:
            pack.uses = _bundled_names(sources)
        for source in sources:
            source.pack = pack.name

    def _identify(self, pack: RawPack, document: Document) -> None:
        """Make a draft of a document, if its kind and name can be told."""
        root = document.root
        kind = self._kind_of(root)
        if kind is None:
            pack.is_incomplete = True
            return
        name = text_of(root, "name")
        draft = Draft(kind, name, root, document.has_nulls)
        if not name:
            draft.is_broken = True
            pack.is_incomplete = True
            self.reports.found.extend(explain(kind, root, _part(root)))
            return
        other = next((d for d in pack.drafts if (d.kind, d.name) == (kind, name)), None)
        node = root.entries["name"]
        if kind == "pack" and pack.head is not None:
            self.reports.add("CW205", "a second pack document", node, "a pack has one")
        elif other is not None:
            first = Related("the first one", other.root.entries["name"].span)
            message = f'the {kind} "{name}" exists twice in this pack'
            self.reports.add(
                "CW203", message, node, "rename one of the two", related=[first], pointer="/name"
            )
        else:
            pack.drafts.append(draft)
            if kind == "pack":
                pack.head = draft

    def _kind_of(self, root: Node) -> str | None:
        if not root.is_map:
            message = "a document is a map with kind and name"
            self.reports.add("CW101", message, root, 'begin with "kind: ..." and "name: ..."')
            return None
        node = root.entries.get("kind")
        if node is None:
            hint = f"kinds are {', '.join(KINDS)}"
            self.reports.add("CW102", "the document has no kind", root, hint)
            return None
        kind = node.text()
        if kind not in KINDS:
            message = f'unknown kind "{kind}"'
            self.reports.add("CW103", message, node, suggestion(kind, KINDS), pointer="/kind")
            return None
        return kind

    def _register(self, pack: RawPack) -> None:
        other = self.packs.get(pack.name)
        if other is None:
            self.packs[pack.name] = pack
            return
        if not other.is_given and pack.is_given:
            self.packs[pack.name] = pack
            return
        node = pack.head.root.entries["name"] if pack.head else None
        related = [Related("the other one", other.head.root.span)] if other.head else []
        message = f'another pack is named "{pack.name}" too'
        self.reports.add(
            "CW212", message, node, "rename one of the two", related=related, pointer="/name"
        )

    # Using

    def add_used(self) -> None:
        """Add the packs that others use, until all are there."""
        pending = list(self.packs.values())
        while pending:
            pack = pending.pop(0)
            self._check_version(pack)
            named = list(uses_of(pack)) if pack.head else [(None, name) for name in pack.uses]
            pack.uses = []
            for node, name in named:
                if name not in self.packs:
                    folder = self._folder_of(pack, name)
                    if folder is not None:
                        before = set(self.packs)
                        self.add_folder(folder, is_given=False)
                        pending.extend(self.packs[n] for n in self.packs if n not in before)
                if name in self.packs and name not in pack.uses:
                    pack.uses.append(name)
                elif name not in self.packs:
                    self._unknown_pack(pack, name, node)
        self._check_cycles()

    def _check_version(self, pack: RawPack) -> None:
        node = pack.head.root.entries.get("schema") if pack.head else None
        if node is None:
            return
        match = _SCHEMA.match(node.text())
        current = f"casewright/{_SCHEMA_VERSION}"
        if match is None:
            message = f'"{node.text()}" is no version of the language'
            self.reports.add("CW204", message, node, f"write {current}", pointer="/schema")
        elif int(match[1]) != _SCHEMA_VERSION:
            age = "newer" if int(match[1]) > _SCHEMA_VERSION else "older"
            message = f"{node.text()} is {age} than this engine reads"
            hint = f"this engine reads {current}; use a {age} one for this pack"
            self.reports.add("CW204", message, node, hint, pointer="/schema")

    def _folder_of(self, pack: RawPack, name: str) -> Path | None:
        places = (folder / name for folder in _shelves(pack))
        return next((place for place in places if _is_pack(place)), None)

    def _unknown_pack(self, pack: RawPack, name: str, node: Node | None) -> None:
        beside = {found for folder in _shelves(pack) for found in _names_in(folder)}
        known = sorted({*self.packs, *beside} - {pack.name})
        self.reports.add("CW201", f'unknown pack "{name}"', node, suggestion(name, known))

    def _check_cycles(self) -> None:
        done: set[str] = set()
        for name in self.packs:
            self._visit(name, [], done)

    def _visit(self, name: str, path: list[str], done: set[str]) -> None:
        if name in path:
            circle = [*path[path.index(name) :], name]
            last = self.packs[path[-1]]
            node = next((n for n, used in uses_of(last) if used == name), None)
            message = f"packs use each other in a circle: {' -> '.join(circle)}"
            self.reports.add("CW202", message, node, "move what both need into a pack of its own")
            last.uses = [used for used in last.uses if used != name]
            return
        if name in done:
            return
        for used in list(self.packs[name].uses):
            self._visit(used, [*path, name], done)
        done.add(name)

    def finish(self) -> tuple[PackSet, list[Diagnostic]]:
        """Merge, check, and return the packs with all diagnostics."""
        packs = {pack.name: pack for pack in self._ordered()}
        pack_set = assemble(packs, self.reports, self.domain, self.limits.file_bytes)
        return pack_set, in_order(_told_once(self.reports.found))

    def _ordered(self) -> list[RawPack]:
        """Return the packs, each after all that it uses, else by name."""
        found: dict[str, RawPack] = {}

        def place(name: str) -> None:
            if name not in found:
                for used in sorted(self.packs[name].uses):
                    place(used)
                found.setdefault(name, self.packs[name])

        for name in sorted(self.packs):
            place(name)
        return list(found.values())


def _told_once(found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without what was told of one place by two routes."""
    return list({(d.code, d.span, d.message): d for d in reversed(found)}.values())


def _part(root: Node) -> str:
    return "Extension" if "extends" in root.entries else "Whole"


def _is_pack(folder: Path) -> bool:
    return any((folder / name).is_file() for name in PACK_FILES)


def _children(folder: Path) -> list[Path]:
    """Return what a folder holds, by name; what is hidden or may not be read is not there."""
    try:
        return sorted(child for child in folder.iterdir() if not child.name.startswith("."))
    except OSError:
        return []


def _pack_folders(folder: Path) -> Iterator[Path]:
    """Yield the pack folders in or below a folder, by name; packs do not lie in packs."""
    if _is_pack(folder):
        yield folder
        return
    for child in _children(folder):
        if child.is_dir() and not child.is_symlink():
            yield from _pack_folders(child)


def _spec_files(folder: Path) -> list[Path]:
    """Return the files of a pack by name, ``pack.yaml`` first; folders that are packs are not."""
    found: list[Path] = []
    for child in _children(folder):
        if child.is_dir():
            if not child.is_symlink() and not _is_pack(child):
                found.extend(_spec_files(child))
        elif child.suffix in _SUFFIXES:
            found.append(child)
    return sorted(found, key=lambda path: (path.name not in PACK_FILES, path))


def _owner(path: Path) -> Path | None:
    """Return the pack folder that a file lies in, or None."""
    named = (*path.parents, *path.resolve().parents)
    return next((folder for folder in named if _is_pack(folder)), None)


def _shelves(pack: RawPack) -> list[Path]:
    """Return the folders in which packs that a pack uses are looked for."""
    if pack.texts is not None:
        return [specs_dir()]
    return [pack.folder.parent if pack.folder is not None else pack.root, specs_dir()]


def _names_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(child.name for child in folder.iterdir() if child.is_dir() and _is_pack(child))


def _bundled_names(sources: list[Source]) -> list[str]:
    """Return the bundled packs that texts name."""
    named = {name for source in sources for name in _QUALIFIED.findall(source.text)}
    return [name for name in _names_in(specs_dir()) if name in named]


def _pack_name(path: Path) -> str:
    return _NOT_NAME.sub("_", path.stem.lower()).strip("_") or "pack"

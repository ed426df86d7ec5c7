"""Loading packs: folders and files, what they use, overlays, ``extends``.

This is the only part of the language's front that finds files. A path is a pack folder (one with
``pack.yaml``), a folder of packs, or a file: one of a pack stands for its pack, one with a
``pack`` document is a pack by itself, and any other a pack of its own that may name the bundled
ones. All mistakes of all files are collected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from casewright.errors import Diagnostic, Related, Span, in_order
from casewright.resources import specs_dir
from casewright.spec.check import check, explain
from casewright.spec.csv_files import read_csv
from casewright.spec.merging import Merged, extended, merged
from casewright.spec.nearest import suggestion
from casewright.spec.nodes import Node, find, pointer_to
from casewright.spec.pack_set import LoadedPack, PackSet, Spec
from casewright.spec.source import DEFAULT_LIMITS, Document, Limits, Loaded, Source, load_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PACK_FILES = ("pack.yaml", "pack.yml")
_SUFFIXES = frozenset({".yaml", ".yml"})
_KINDS = (
    *("pack", "case_type", "records", "roles", "state_flow", "sla_definitions", "calendar"),
    *("decision_table", "rules", "playbook", "notification_map", "templates", "topic_map"),
    *("views", "overlay", "scenario"),
)
_EXTENDING = frozenset({"case_type", "state_flow", "playbook"})
_SCHEMA = re.compile(r"casewright/(\d+)\Z")
_SCHEMA_VERSION = 1
_QUALIFIED = re.compile(r"\b([a-z][a-z0-9_]*)\.[a-z]")
_NOT_NAME = re.compile(r"[^a-z0-9]+")


def load_packs(
    paths: Iterable[Path | str], *, domain: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> tuple[PackSet, list[Diagnostic]]:
    """Return packs with all that they use, and every mistake in them.

    Args:
        paths: pack folders, folders of packs, files.
        domain: the tenant whose overlays are applied; without it none is.
        limits: what a file may cost.

    Returns:
        The packs, whose specs are those without mistakes of their own, and the diagnostics in
        order.
    """
    loader = _Loader(domain, limits)
    for path in paths:
        loader.add(Path(path))
    loader.add_used()
    return loader.finish()


@dataclass(slots=True, eq=False)
class _Draft:
    """A document on its way to become a spec."""

    kind: str
    name: str
    root: Node
    has_nulls: bool
    base: _Draft | None = None
    is_broken: bool = False
    extends: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _RawPack:
    """A pack on its way."""

    name: str
    folder: Path | None
    root: Path
    is_given: bool
    drafts: list[_Draft] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    head: _Draft | None = None
    is_incomplete: bool = False


class _Loader:
    """Collects packs and diagnostics."""

    def __init__(self, domain: str | None, limits: Limits) -> None:
        self.domain = domain
        self.limits = limits
        self.packs: dict[str, _RawPack] = {}
        self.diagnostics: list[Diagnostic] = []
        self.seen: set[Path] = set()

    def report(
        self,
        code: str,
        message: str,
        node: Node | None,
        hint: str = "",
        related: Sequence[Related] = (),
        pointer: str = "",
        severity: str = "error",
    ) -> None:
        span = node.span if node is not None else None
        excerpt = node.source.line(span.line) if node is not None and span is not None else ""
        level = "warning" if severity == "warning" else "error"
        self.diagnostics.append(
            Diagnostic(code, level, message, span, pointer, hint, tuple(related), excerpt)
        )

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
        self.diagnostics.append(Diagnostic(code, "error", message, Span(str(path)), hint=hint))

    def _add_file(self, path: Path) -> None:
        if path.name in PACK_FILES:
            self.add_folder(path.parent, is_given=True)
            return
        loaded = load_file(path, limits=self.limits)
        has_head = any(_text(doc.root, "kind") == "pack" for doc in loaded.documents)
        folder = None if has_head else _owner(path)
        if folder is not None:
            self.add_folder(folder, is_given=True)
            return
        if not self._is_new(path):
            return
        stem = _NOT_NAME.sub("_", path.stem.lower()).strip("_") or "pack"
        pack = _RawPack(stem, None, path.parent, is_given=True)
        self._take_in(pack, [loaded])
        if pack.head is None:
            pack.uses = _bundled_names(loaded.source)
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
        pack = _RawPack(folder.name, folder, folder, is_given)
        self._take_in(pack, [load_file(p, limits=self.limits) for p in _spec_files(folder)])
        self._register(pack)

    def _take_in(self, pack: _RawPack, files: Iterable[Loaded]) -> None:
        sources: list[Source] = []
        for loaded in files:
            self.diagnostics.extend(loaded.diagnostics)
            pack.is_incomplete |= not loaded.is_whole
            if loaded.source is not None:
                sources.append(loaded.source)
            for document in loaded.documents:
                self._identify(pack, document)
        if pack.head is not None:
            pack.name = pack.head.name
        elif pack.folder is not None and not pack.is_incomplete:
            self._nowhere("CW205", "pack.yaml holds no pack document", pack.folder / PACK_FILES[0])
        for source in sources:
            source.pack = pack.name

    def _identify(self, pack: _RawPack, document: Document) -> None:
        """Make a draft of a document, if its kind and name can be told."""
        root = document.root
        kind = self._kind_of(root)
        if kind is None:
            pack.is_incomplete = True
            return
        name = _text(root, "name")
        draft = _Draft(kind, name, root, document.has_nulls)
        if not name:
            draft.is_broken = True
            pack.is_incomplete = True
            self.diagnostics.extend(explain(kind, root, _part(root)))
            return
        other = next((d for d in pack.drafts if (d.kind, d.name) == (kind, name)), None)
        node = root.entries["name"]
        if kind == "pack" and pack.head is not None:
            self.report("CW205", "a second pack document", node, "a pack has one")
        elif other is not None:
            first = Related("the first one", other.root.entries["name"].span)
            message = f'the {kind} "{name}" exists twice in this pack'
            self.report("CW203", message, node, "rename one of the two", (first,), "/name")
        else:
            pack.drafts.append(draft)
            if kind == "pack":
                pack.head = draft

    def _kind_of(self, root: Node) -> str | None:
        if not root.is_map:
            message = "a document is a map with kind and name"
            self.report("CW101", message, root, 'begin with "kind: ..." and "name: ..."')
            return None
        node = root.entries.get("kind")
        if node is None:
            hint = f"kinds are {', '.join(_KINDS)}"
            self.report("CW102", "the document has no kind", root, hint)
            return None
        kind = node.text()
        if kind not in _KINDS:
            message = f'unknown kind "{kind}"'
            self.report("CW103", message, node, suggestion(kind, _KINDS), pointer="/kind")
            return None
        return kind

    def _register(self, pack: _RawPack) -> None:
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
        self.report("CW212", message, node, "rename one of the two", related, "/name")

    # Using

    def add_used(self) -> None:
        """Add the packs that others use, until all are there."""
        pending = list(self.packs.values())
        while pending:
            pack = pending.pop(0)
            self._check_version(pack)
            named = list(_uses(pack)) if pack.head else [(None, name) for name in pack.uses]
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
                    self._unknown_pack(name, node)
        self._check_cycles()

    def _check_version(self, pack: _RawPack) -> None:
        node = pack.head.root.entries.get("schema") if pack.head else None
        if node is None:
            return
        match = _SCHEMA.match(node.text())
        current = f"casewright/{_SCHEMA_VERSION}"
        if match is None:
            message = f'"{node.text()}" is no version of the language'
            self.report("CW204", message, node, f"write {current}", pointer="/schema")
        elif int(match[1]) != _SCHEMA_VERSION:
            age = "newer" if int(match[1]) > _SCHEMA_VERSION else "older"
            message = f"{node.text()} is {age} than this engine reads"
            hint = f"this engine reads {current}; use a {age} one for this pack"
            self.report("CW204", message, node, hint, pointer="/schema")

    def _folder_of(self, pack: _RawPack, name: str) -> Path | None:
        places = [specs_dir() / name]
        if pack.folder is not None:
            places.insert(0, pack.folder.parent / name)
        return next((place for place in places if _is_pack(place)), None)

    def _unknown_pack(self, name: str, node: Node | None) -> None:
        known = sorted({*self.packs, *_names_in(specs_dir())})
        self.report("CW201", f'unknown pack "{name}"', node, suggestion(name, known))

    def _check_cycles(self) -> None:
        done: set[str] = set()
        for name in self.packs:
            self._visit(name, [], done)

    def _visit(self, name: str, path: list[str], done: set[str]) -> None:
        if name in path:
            circle = [*path[path.index(name) :], name]
            last = self.packs[path[-1]]
            node = next((n for n, used in _uses(last) if used == name), None)
            message = f"packs use each other in a circle: {' -> '.join(circle)}"
            self.report("CW202", message, node, "move what both need into a pack of its own")
            last.uses = [used for used in last.uses if used != name]
            return
        if name in done:
            return
        for used in list(self.packs[name].uses):
            self._visit(used, [*path, name], done)
        done.add(name)

    def _ordered(self) -> list[_RawPack]:
        """Return the packs, each after all that it uses, else by name."""
        found: dict[str, _RawPack] = {}

        def place(name: str) -> None:
            if name not in found:
                for used in sorted(self.packs[name].uses):
                    place(used)
                found.setdefault(name, self.packs[name])

        for name in sorted(self.packs):
            place(name)
        return list(found.values())

    # Merging

    def finish(self) -> tuple[PackSet, list[Diagnostic]]:
        """Merge, check, and return the packs with all diagnostics."""
        order = self._ordered()
        overlays = [d for pack in order for d in pack.drafts if d.kind == "overlay"]
        for draft in overlays:
            self._check_overlay(draft)
        for draft in self._overlays_of(overlays, self.domain):
            self._apply_overlay(draft)
        for pack in order:
            for draft in pack.drafts:
                self._resolve_extends(pack, draft, [])
        packs: dict[str, LoadedPack] = {}
        broken: set[tuple[str, str, str]] = set()
        for pack in order:
            specs = [spec for spec in (self._spec(pack, d) for d in pack.drafts) if spec]
            made = {(spec.kind, spec.name) for spec in specs}
            broken |= {
                (pack.name, *k) for k in ((d.kind, d.name) for d in pack.drafts) if k not in made
            }
            packs[pack.name] = _loaded(pack, specs)
        return (
            PackSet(
                packs,
                frozenset(broken),
                frozenset(pack.name for pack in order if pack.is_incomplete),
                self.domain,
                tuple(sorted({_text(draft.root, "domain") for draft in overlays} - {""})),
            ),
            in_order(self.diagnostics),
        )

    def _spec(self, pack: _RawPack, draft: _Draft) -> Spec | None:
        if draft.is_broken:
            return None
        model, found = check(draft.kind, draft.root, has_nulls=draft.has_nulls)
        self.diagnostics.extend(found)
        if model is None:
            return None
        named = _csv_of(draft)
        csv = None
        if named is not None:
            csv, problems = read_csv(named, pack.root, self.limits.file_bytes)
            self.diagnostics.extend(problems)
            if csv is None:
                return None
        return Spec(draft.kind, draft.name, pack.name, model, draft.root, draft.extends, csv)

    def _check_overlay(self, draft: _Draft) -> None:
        """Report changes of packs and specs that do not exist."""
        of = draft.root.entries.get("of")
        if of is None:
            return
        pack = self.packs.get(of.text())
        if pack is None:
            message = f'unknown pack "{of.text()}"'
            self.report("CW208", message, of, suggestion(of.text(), self.packs), pointer="/of")
            return
        for _, key, kind, name in _changes(draft):
            names = [d.name for d in pack.drafts if d.kind == kind]
            if name not in names and not pack.is_incomplete:
                message = f'the pack "{pack.name}" has no {kind} "{name}"'
                pointer = pointer_to(("change", kind, name))
                self.report("CW209", message, key, suggestion(name, names), pointer=pointer)

    def _overlays_of(self, overlays: list[_Draft], domain: str | None) -> list[_Draft]:
        """Return the overlays of a domain, those of its parent domains first."""
        if domain is None:
            return []
        chain: list[_Draft] = []
        wanted: str | None = domain
        seen: set[str] = set()
        while wanted and wanted not in seen:
            seen.add(wanted)
            own = [draft for draft in overlays if _text(draft.root, "domain") == wanted]
            chain = [*own, *chain]
            wanted = next((p for p in (_text(draft.root, "parent") for draft in own) if p), None)
        return chain

    def _apply_overlay(self, overlay: _Draft) -> None:
        pack = self.packs.get(_text(overlay.root, "of"))
        if pack is None:
            return
        for patch, _, kind, name in _changes(overlay):
            draft = next((d for d in pack.drafts if (d.kind, d.name) == (kind, name)), None)
            if draft is not None and patch.is_map:
                keeps = "extends" in draft.root.entries
                result = merged(draft.root, patch, keeps_removals=keeps)
                self._report_removals(result)
                draft.root = _with_identity(result.root, draft)
                draft.has_nulls |= overlay.has_nulls

    def _report_removals(self, result: Merged) -> None:
        for removal in result.removals:
            message = f'"{removal.key.text()}" is to be removed, but there is none'
            hint = "null removes what is there; remove the line"
            self.report("CW213", message, removal.key, hint, pointer=removal.pointer)

    def _resolve_extends(self, pack: _RawPack, draft: _Draft, path: list[_Draft]) -> None:
        """Merge a draft with what it extends, which is merged first."""
        node = draft.root.entries.get("extends")
        if (
            node is None
            or draft.kind not in _EXTENDING
            or draft.base is not None
            or draft.is_broken
        ):
            return
        if draft in path:
            names = " -> ".join(d.name for d in [*path[path.index(draft) :], draft])
            message = f"these extend each other in a circle: {names}"
            self.report("CW207", message, node, pointer="/extends")
            draft.is_broken = True
            return
        owner, base = self._base_of(pack, draft, node)
        if owner is None or base is None:
            draft.is_broken = True
            self.diagnostics.extend(explain(draft.kind, draft.root, "Extension"))
            return
        self._resolve_extends(owner, base, [*path, draft])
        if base.is_broken:
            draft.is_broken = True
            return
        result = extended(base.root, draft.root)
        self._report_removals(result)
        draft.base = base
        draft.root = result.root
        draft.has_nulls |= base.has_nulls
        draft.extends = (f"{owner.name}.{base.name}", *base.extends)

    def _base_of(
        self, pack: _RawPack, draft: _Draft, node: Node
    ) -> tuple[_RawPack | None, _Draft | None]:
        name = node.text()
        prefix, _, bare = name.rpartition(".")
        owner = self.packs.get(prefix or pack.name)
        if owner is not None and (owner is pack or owner.name in pack.uses):
            for other in owner.drafts:
                if (other.kind, other.name) == (draft.kind, bare):
                    return owner, other
            if owner.is_incomplete:
                return None, None
        self._unknown_base(pack, draft, node, owner)
        return None, None

    def _unknown_base(
        self, pack: _RawPack, draft: _Draft, node: Node, owner: _RawPack | None
    ) -> None:
        name = node.text()
        visible = [(pack, ""), *((self.packs[used], used + ".") for used in pack.uses)]
        known = [
            prefix + other.name
            for raw, prefix in visible
            for other in raw.drafts
            if other.kind == draft.kind and other is not draft
        ]
        hint = suggestion(name, known)
        if owner is not None and owner is not pack and owner.name not in pack.uses:
            hint = f'put "{owner.name}" into the uses of pack.yaml'
        self.report("CW206", f'unknown {draft.kind} "{name}"', node, hint, pointer="/extends")


def _loaded(pack: _RawPack, specs: list[Spec]) -> LoadedPack:
    from casewright.spec.models.packs import Pack

    head = next((spec.model for spec in specs if isinstance(spec.model, Pack)), None)
    return LoadedPack(pack.name, head, pack.folder, tuple(pack.uses), tuple(specs), pack.is_given)


def _text(root: Node, key: str) -> str:
    node = root.entries.get(key)
    return node.text() if node is not None else ""


def _part(root: Node) -> str:
    return "Extension" if "extends" in root.entries else "Whole"


def _uses(pack: _RawPack) -> Iterator[tuple[Node, str]]:
    if pack.head is not None:
        for node in find(pack.head.root, "/uses").node.items:
            if node.text():
                yield node, node.text()


def _changes(overlay: _Draft) -> Iterator[tuple[Node, Node, str, str]]:
    """Yield patch, key, kind and name of each spec that an overlay changes."""
    change = overlay.root.entries.get("change")
    for kind, names in (change.entries if change is not None else {}).items():
        for name, patch in names.entries.items():
            yield patch, (names.keys or {})[name], kind, name


def _with_identity(root: Node, draft: _Draft) -> Node:
    """Return a changed document with the kind and name that it had."""
    for key in ("kind", "name"):
        root.entries[key] = draft.root.entries[key]
    return root


def _csv_of(draft: _Draft) -> Node | None:
    if draft.kind == "records":
        return draft.root.entries.get("csv")
    if draft.kind == "decision_table":
        return draft.root.entries["rules"].entries.get("csv")
    return None


def _is_pack(folder: Path) -> bool:
    return any((folder / name).is_file() for name in PACK_FILES)


def _pack_folders(folder: Path) -> Iterator[Path]:
    """Yield the pack folders in or below a folder, by name; packs do not lie in packs."""
    if _is_pack(folder):
        yield folder
        return
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not child.name.startswith((".", "_")):
            yield from _pack_folders(child)


def _spec_files(folder: Path) -> list[Path]:
    """Return the files of a pack by name, ``pack.yaml`` first; folders that are packs are not."""
    found: list[Path] = []
    for child in sorted(folder.iterdir()):
        if child.name.startswith("."):
            continue
        if child.is_dir():
            if not _is_pack(child):
                found.extend(_spec_files(child))
        elif child.suffix in _SUFFIXES:
            found.append(child)
    return sorted(found, key=lambda path: (path.name not in PACK_FILES, path))


def _owner(path: Path) -> Path | None:
    """Return the pack folder that a file lies in, or None."""
    return next((folder for folder in path.parents if _is_pack(folder)), None)


def _names_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(child.name for child in folder.iterdir() if child.is_dir() and _is_pack(child))


def _bundled_names(source: Source | None) -> list[str]:
    """Return the bundled packs that a text names."""
    if source is None:
        return []
    named = set(_QUALIFIED.findall(source.text))
    return [name for name in _names_in(specs_dir()) if name in named]

"""From drafts to specs: overlays, ``extends``, and the models.

Overlays change the documents as they were written; then each document is merged over the one
that it extends; then it is checked whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.errors import Related
from casewright.spec.check import check, explain
from casewright.spec.csv_files import read_csv, read_text
from casewright.spec.drafts import EXTENDING, text_of
from casewright.spec.merging import extended, merged
from casewright.spec.nearest import suggestion
from casewright.spec.nodes import pointer_to
from casewright.spec.pack_set import LoadedPack, PackSet, Spec, TextFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.spec.drafts import Draft, RawPack, Reports
    from casewright.spec.merging import Merged
    from casewright.spec.nodes import Node

_DEEPEST = 50


def assemble(
    packs: Mapping[str, RawPack], reports: Reports, domain: str | None, limit_bytes: int
) -> PackSet:
    """Return the packs with their specs.

    Args:
        packs: by name, a pack after all that it uses.
        reports: gets what is wrong.
        domain: the tenant whose overlays are applied, or None.
        limit_bytes: greatest size of a CSV file.
    """
    return _Assembly(packs, reports, domain, limit_bytes).run()


class _Assembly:
    def __init__(
        self,
        packs: Mapping[str, RawPack],
        reports: Reports,
        domain: str | None,
        limit_bytes: int,
    ) -> None:
        self.packs = packs
        self.reports = reports
        self.domain = domain
        self.limit_bytes = limit_bytes

    def run(self) -> PackSet:
        order = list(self.packs.values())
        overlays = [d for pack in order for d in pack.drafts if d.kind == "overlay"]
        self._check_domains(overlays)
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
        return PackSet(
            packs,
            frozenset(broken),
            frozenset(pack.name for pack in order if pack.is_incomplete),
            self.domain,
            tuple(sorted({text_of(draft.root, "domain") for draft in overlays} - {""})),
        )

    def _spec(self, pack: RawPack, draft: Draft) -> Spec | None:
        if draft.is_broken:
            return None
        model, found = check(draft.kind, draft.root, has_nulls=draft.has_nulls)
        self.reports.found.extend(found)
        if model is None:
            return None
        named = _csv_of(draft)
        csv = None
        if named is not None:
            csv, problems = read_csv(named, pack.root, pack.texts, self.limit_bytes)
            self.reports.found.extend(problems)
            if csv is None:
                return None
        files: dict[str, TextFile] = {}
        for node in _icals_of(draft):
            file, problems = read_text(node, pack.root, pack.texts, self.limit_bytes)
            self.reports.found.extend(problems)
            if file is None:
                return None
            files[node.text()] = file
        return Spec(draft.kind, draft.name, pack.name, model, draft.root, draft.extends, csv, files)

    def _check_domains(self, overlays: list[Draft]) -> None:
        """Report second overlays of one pack, and parents that have none."""
        seen: dict[tuple[str, str], Draft] = {}
        domains = {text_of(draft.root, "domain") for draft in overlays}
        for draft in overlays:
            pair = (text_of(draft.root, "domain"), text_of(draft.root, "of"))
            first = seen.setdefault(pair, draft)
            if first is not draft:
                message = f'a second overlay of "{pair[1]}" for the domain "{pair[0]}"'
                related = [Related("the first one", first.root.entries["name"].span)]
                node, hint = draft.root.entries["name"], "put the two together"
                self.reports.add("CW214", message, node, hint, related=related)
            parent = draft.root.entries.get("parent")
            if parent is not None and parent.text() not in domains:
                message = f'no overlay has the domain "{parent.text()}"'
                hint = suggestion(parent.text(), domains - {pair[0]})
                self.reports.add("CW215", message, parent, hint, pointer="/parent")

    def _check_overlay(self, draft: Draft) -> None:
        """Report changes of packs and specs that do not exist."""
        of = draft.root.entries.get("of")
        if of is None:
            return
        pack = self.packs.get(of.text())
        if pack is None:
            message = f'unknown pack "{of.text()}"'
            self.reports.add("CW208", message, of, suggestion(of.text(), self.packs), pointer="/of")
            return
        for _, key, kind, name in _changes(draft):
            names = [d.name for d in pack.drafts if d.kind == kind]
            if name not in names and not pack.is_incomplete:
                message = f'the pack "{pack.name}" has no {kind} "{name}"'
                pointer = pointer_to(("change", kind, name))
                self.reports.add("CW209", message, key, suggestion(name, names), pointer=pointer)

    def _overlays_of(self, overlays: list[Draft], domain: str | None) -> list[Draft]:
        """Return the overlays of a domain, those of its parent domains first."""
        if domain is None:
            return []
        chain: list[Draft] = []
        wanted: str | None = domain
        seen: set[str] = set()
        while wanted and wanted not in seen:
            seen.add(wanted)
            own = [draft for draft in overlays if text_of(draft.root, "domain") == wanted]
            chain = [*own, *chain]
            wanted = next((p for p in (text_of(draft.root, "parent") for draft in own) if p), None)
        return chain

    def _apply_overlay(self, overlay: Draft) -> None:
        pack = self.packs.get(text_of(overlay.root, "of"))
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
            self.reports.add("CW213", message, removal.key, hint, pointer=removal.pointer)

    def _resolve_extends(self, pack: RawPack, draft: Draft, path: list[Draft]) -> None:
        """Merge a draft with what it extends, which is merged first."""
        node = draft.root.entries.get("extends")
        if node is None or draft.kind not in EXTENDING or draft.base is not None or draft.is_broken:
            return
        if draft in path:
            names = " -> ".join(d.name for d in [*path[path.index(draft) :], draft])
            message = f"these extend each other in a circle: {names}"
            self.reports.add("CW207", message, node, pointer="/extends")
            draft.is_broken = True
            return
        owner, base = self._base_of(pack, draft, node)
        if owner is None or base is None:
            self._give_up(draft)
            return
        if len(path) >= _DEEPEST:
            message = f"more than {_DEEPEST} extend each other in a row"
            self.reports.add("CW207", message, node, pointer="/extends")
            self._give_up(draft)
            return
        self._resolve_extends(owner, base, [*path, draft])
        if base.is_broken:
            self._give_up(draft)
            return
        result = extended(base.root, draft.root)
        self._report_removals(result)
        draft.base = base
        draft.root = result.root
        draft.has_nulls |= base.has_nulls
        draft.extends = (f"{owner.name}.{base.name}", *base.extends)

    def _give_up(self, draft: Draft) -> None:
        """Check by itself a document whose base is not to be had."""
        draft.is_broken = True
        self.reports.found.extend(explain(draft.kind, draft.root, "Extension"))

    def _base_of(
        self, pack: RawPack, draft: Draft, node: Node
    ) -> tuple[RawPack | None, Draft | None]:
        name = node.text()
        prefix, _, bare = name.rpartition(".")
        owner = self.packs.get(prefix or pack.name)
        if owner is not None and (owner is pack or owner.name in pack.uses):
            for other in owner.drafts:
                if (other.kind, other.name) == (draft.kind, bare):
                    return owner, other
            if owner.is_incomplete:
                return None, None
        self._unknown_base(pack, draft, node)
        return None, None

    def _unknown_base(self, pack: RawPack, draft: Draft, node: Node) -> None:
        name = node.text()
        visible = [(pack, ""), *((self.packs[used], used + ".") for used in pack.uses)]
        known = [
            prefix + other.name
            for raw, prefix in visible
            for other in raw.drafts
            if other.kind == draft.kind and other is not draft
        ]
        hint = suggestion(name, known)
        named = name.rpartition(".")[0]
        if named and named != pack.name and named not in pack.uses:
            hint = f'put "{named}" into the uses of pack.yaml'
        self.reports.add("CW206", f'unknown {draft.kind} "{name}"', node, hint, pointer="/extends")


def _loaded(pack: RawPack, specs: list[Spec]) -> LoadedPack:
    from casewright.spec.models.packs import Pack

    head = next((spec.model for spec in specs if isinstance(spec.model, Pack)), None)
    return LoadedPack(pack.name, head, pack.folder, tuple(pack.uses), tuple(specs), pack.is_given)


def _changes(overlay: Draft) -> Iterator[tuple[Node, Node, str, str]]:
    """Yield patch, key, kind and name of each spec that an overlay changes."""
    change = overlay.root.entries.get("change")
    for kind, names in (change.entries if change is not None else {}).items():
        for name, patch in names.entries.items():
            yield patch, names.keys[name], kind, name


def _with_identity(root: Node, draft: Draft) -> Node:
    """Return a changed document with the kind and name that it had."""
    for key in ("kind", "name"):
        root.entries[key] = draft.root.entries[key]
    return root


def _icals_of(draft: Draft) -> list[Node]:
    """Return the names of the files that a calendar takes holidays from."""
    if draft.kind != "calendar" or "holidays" not in draft.root.entries:
        return []
    sources = draft.root.entries["holidays"].elements or []
    return [s.entries["ical"] for s in sources if s.is_map and "ical" in s.entries]


def _csv_of(draft: Draft) -> Node | None:
    if draft.kind == "records":
        return draft.root.entries.get("csv")
    if draft.kind == "decision_table":
        return draft.root.entries["rules"].entries.get("csv")
    return None

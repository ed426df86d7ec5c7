"""From a template's spec to a template that knows how to work out what it reads.

Every path that a template mentions is compiled as FEEL in the scope of where it is used, so that a
name nobody declares is found when the packs are checked, at its place in the template.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where, is_expression
from casewright.feel import FeelError, Scope, compile
from casewright.feel import types as feel
from casewright.templates.fault import TemplateFault
from casewright.templates.rendering import Message, message, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.bind.expressions import ExpressionBinder
    from casewright.feel import Budget, Expression, Name
    from casewright.spec.pack_set import Spec
    from casewright.templates.reading import Asks, Wanted
    from casewright.view import Surroundings


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A template, compiled for one place of use.

    Attributes:
        name: qualified name.
        subject: source of the subject, or None.
        body: source of the text.
        values: what it reads, by path.
    """

    name: str
    subject: str | None
    body: str
    values: Mapping[str, Expression]

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return every path of the scope that it reads."""
        return frozenset(path for value in self.values.values() for path in value.reads)

    def data(self, s: Surroundings, b: Budget) -> dict[str, Any]:
        """Return what the template reads, worked out on a view; plain values by path."""
        return {key: value.value(s, b) for key, value in self.values.items()}

    def render(self, data: Mapping[str, Any]) -> Message:
        """Return subject and body.

        Raises:
            TemplateFault: a value does not fit, or a limit is passed.
        """
        return message(self.subject, self.body, data)

    def text(self, s: Surroundings, b: Budget) -> str:
        """Return the body rendered on a view.

        Raises:
            TemplateFault: a value does not fit, or a limit is passed.
        """
        return rendered(self.body, self.data(s, b))


def find_template(binder: ExpressionBinder, name: str, where: Where) -> Spec | None:
    """Return the spec that declares a template, or None after a report.

    A bare name is one of the pack in which ``where`` was written.
    """
    pack, _, bare = name.rpartition(".")
    documents = binder.world.packs.all("templates")
    for spec in documents:
        if spec.pack == (pack or where.pack) and bare in spec.model.templates:
            return spec
    known = [
        template if spec.pack == where.pack else f"{spec.pack}.{template}"
        for spec in documents
        for template in spec.model.templates
    ]
    binder.unknown("CW237", where, "template", name, known)
    return None


def compile_template(
    binder: ExpressionBinder,
    name: str,
    where: Where,
    extra: Mapping[str, Name] | None = None,
    *,
    is_quiet: bool = False,
) -> Template | None:
    """Return the template ``name``, compiled for its use at ``where``.

    Args:
        binder: of the case type.
        name: ``name`` or ``pack.name``.
        where: where it is used; takes the report if there is no such template.
        extra: names besides those of the case type, such as those of ``let``.
        is_quiet: a template that does not fit is left out without a report.

    Returns:
        None where there is no such template, or one with mistakes, after a report.
    """
    spec = find_template(binder, name, where)
    if spec is None:
        return None
    bare = name.rpartition(".")[2]
    model = spec.model.templates[bare]
    place = Where(spec, "/templates") / bare
    binder.templates.add(f"{spec.pack}.{bare}")
    compiling = _Compiling(binder, dict(extra or {}), is_quiet=is_quiet)
    if isinstance(model, str):
        subject, body = None, model
        compiling.source(body, place)
    else:
        subject, body = model.subject, model.body
        compiling.source(body, place / "body")
        if subject is not None:
            compiling.source(subject, place / "subject")
    if compiling.has_failed:
        return None
    return Template(f"{spec.pack}.{bare}", subject, body, compiling.values)


def compile_templates(
    binder: ExpressionBinder, where: Where, extra: Mapping[str, Name] | None = None
) -> dict[str, Template]:
    """Return every template that a name worked out at run time may mean, by each of its names.

    Those that are ``for`` the case type are checked, with a report; those of the pack in which
    ``where`` was written that are for no case type are left out where they do not fit.
    """
    attached = binder.attached("templates")
    made: dict[str, Template] = {}
    for spec in binder.world.packs.all("templates"):
        is_ours = spec in attached
        if not is_ours and (spec.model.for_ is not None or spec.pack != where.pack):
            continue
        for bare in spec.model.templates:
            qualified = f"{spec.pack}.{bare}"
            place = Where(spec, "/templates") / bare
            template = compile_template(binder, qualified, place, extra, is_quiet=not is_ours)
            if template is not None:
                made[qualified] = template
                if spec.pack == where.pack:
                    made.setdefault(bare, template)
    return made


def check_templates(binder: ExpressionBinder) -> None:
    """Report the mistakes of templates that are for the case type and that nothing has used."""
    for spec in binder.attached("templates"):
        for bare in spec.model.templates:
            qualified = f"{spec.pack}.{bare}"
            if qualified not in binder.templates:
                compile_template(binder, qualified, Where(spec, "/templates") / bare)


def text_maker(
    binder: ExpressionBinder, raw: str, where: Where, extra: Mapping[str, Name] | None = None
) -> Callable[[Surroundings, Budget], str | None] | None:
    """Return what makes the text of a comment or note from a template.

    Args:
        binder: of the case type.
        where: where it is used.
        extra: names besides those of the case type, such as those of ``let``.
        raw: a template's name, or FEEL after ``= `` that gives one; null then makes no text.

    Returns:
        None after a report. The function raises TemplateFault where the name means no template or
        the template cannot be rendered.
    """
    if not is_expression(raw):
        template = compile_template(binder, raw, where, extra)
        return None if template is None else template.text
    chosen = chooser(binder, raw, where, extra)
    if chosen is None:
        return None

    def text(s: Surroundings, b: Budget) -> str | None:
        template = chosen(s, b)
        return None if template is None else template.text(s, b)

    return text


def chooser(
    binder: ExpressionBinder, raw: str, where: Where, extra: Mapping[str, Name] | None = None
) -> Callable[[Surroundings, Budget], Template | None] | None:
    """Return what gives the template that a name or expression means; None after a report."""
    if not is_expression(raw):
        template = compile_template(binder, raw, where, extra)
        return None if template is None else lambda _s, _b: template
    name = binder.value(raw, where, "event", feel.STRING, dict(extra or {}))
    if name is None:
        return None
    known = compile_templates(binder, where, extra)

    def choose(s: Surroundings, b: Budget) -> Template | None:
        wanted = name.get(s, b)
        if wanted is None or wanted == "":
            return None
        if wanted not in known:
            raise TemplateFault(f'there is no template "{wanted}" for this case type')
        return known[wanted]

    return choose


@dataclass(slots=True)
class _Text:
    """FEEL text under construction, and which part of it stands for which path and line."""

    text: str = ""
    marks: list[tuple[int, Wanted]] = field(default_factory=list["tuple[int, Wanted]"])

    def add(self, text: str, wanted: Wanted | None = None) -> None:
        if wanted is not None:
            self.marks.append((len(self.text), wanted))
        self.text += text

    def at(self, offset: int) -> Wanted:
        """Return the path that the character at ``offset`` belongs to."""
        found = self.marks[0][1]
        for start, wanted in self.marks:
            if start <= offset:
                found = wanted
        return found


class _Compiling:
    """One template: what it reads, compiled, and whether a mistake was met."""

    def __init__(self, binder: ExpressionBinder, extra: dict[str, Name], *, is_quiet: bool) -> None:
        self._binder = binder
        scope = binder.scope
        self._scope = Scope(
            {**scope.names, **extra}, scope.functions, scope.bindings, scope.types, scope.strict
        )
        self._extra = extra
        self._is_quiet = is_quiet
        self.values: dict[str, Expression] = {}
        self.has_failed = False

    def source(self, source: str, where: Where) -> None:
        """Compile what one source reads; report its mistakes."""
        from casewright.templates.reading import read

        reading = read(source)
        for slip in reading.slips:
            offset = _offset(source, slip.line, "")
            self._report(slip.code, where, slip.message, slip.hint, offset)
        for key, wanted in reading.wanted.items():
            text = _Text()
            self._write(text, wanted, (), 0)
            made = self._compile(text, source, where)
            if made is not None and self._is_data(made.type, wanted, source, where):
                self.values[key] = made

    def _compile(self, text: _Text, source: str, where: Where) -> Expression | None:
        is_common = text.marks[0][1].parts[0] not in self._extra
        known = self._binder.paths.get(text.text) if is_common else None
        if known is not None:
            return known
        try:
            made = compile(text.text, self._scope)
        except FeelError as err:
            for problem in err.problems:
                wanted = text.at(problem.start)
                offset = _offset(source, wanted.line, _shown(wanted))
                self._report(problem.code, where, problem.message, problem.hint, offset)
            return None
        self._binder.seen |= made.reads
        if is_common:
            self._binder.paths[text.text] = made
        return made

    def _is_data(self, kind: feel.Type, wanted: Wanted, source: str, where: Where) -> bool:
        item = kind.item if isinstance(kind, feel.ListType) else kind
        if wanted.items is not None or not isinstance(item, feel.ContextType) or not item.members:
            return True
        text = f'"{_shown(wanted)}" has no text of its own'
        known = ", ".join(sorted(item.members)[:12])
        cure = "loop over it" if isinstance(kind, feel.ListType) else "name what it holds"
        self._report(
            "CW825", where, text, f"{cure}: {known}", _offset(source, wanted.line, _shown(wanted))
        )
        return False

    def _write(
        self, text: _Text, wanted: Wanted, base: tuple[tuple[str, Wanted], ...], depth: int
    ) -> None:
        """Write the FEEL of one path; ``base`` holds the loops around it, outermost first."""
        path = _feel(wanted, f"_{depth}" if base else "")
        if wanted.items is not None:
            variable = f"_{depth + 1}"
            text.add(f"for {variable} in {path} return {{", wanted)
            inner = (*base, (f"for {variable} in {path} return ", wanted))
            for position, (key, item) in enumerate(wanted.items.items()):
                text.add(f"{', ' if position else ''}{json.dumps(key)}: ", item)
                self._write(text, item, inner, depth + 1)
            text.add("}", wanted)
        elif wanted.asks == "value":
            text.add(path, wanted)
        else:
            text.add(self._question(path, wanted.asks, base), wanted)

    def _question(self, path: str, asks: Asks, base: Iterable[tuple[str, Wanted]]) -> str:
        """Return FEEL for "there is something" or "how much", which depend on the type."""
        loops = [loop for loop, _ in base]
        try:
            kind = compile("".join(loops) + path, self._scope).type
        except FeelError:
            return path
        for _ in loops:
            kind = kind.item if isinstance(kind, feel.ListType) else kind
        if asks == "count":
            count = "string length" if kind == feel.STRING else "count"
            return f"if {path} = null then 0 else {count}({path})"
        if isinstance(kind, feel.ListType):
            return f"count({path}) > 0"
        return f"{path} != null" if isinstance(kind, feel.ContextType) else path

    def _report(self, code: str, where: Where, message: str, hint: str, offset: int) -> None:
        self.has_failed = True
        if not self._is_quiet:
            self._binder.world.report(code, where, message, hint, offset=offset)


def _feel(wanted: Wanted, base: str) -> str:
    text = base
    for part in wanted.parts:
        if isinstance(part, int):
            text += f"[{part + 1 if part >= 0 else part}]"
        else:
            text += f".{part}" if text else part
    return text


def _shown(wanted: Wanted) -> str:
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" if position else part
        for position, part in enumerate(wanted.parts)
    )


def _offset(source: str, line: int, path: str) -> int:
    """Return where a path stands in a source: on its line, or else the line's beginning."""
    start = 0
    for _ in range(line - 1):
        end = source.find("\n", start)
        if end < 0:
            break
        start = end + 1
    found = source.find(path, start) if path else start
    return start if found < 0 else found

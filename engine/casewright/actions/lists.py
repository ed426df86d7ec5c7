"""Compiling lists of actions: what may stand in any of them, whatever entity they are of.

Sending, creating, telling, naming values and groups need no case; what only cases can do is in
``compiler``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.actions import vocabulary as act
from casewright.actions.queries import with_queries
from casewright.bind.places import is_expression, plain
from casewright.feel import Name
from casewright.feel import types as feel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casewright.bind.expressions import ExpressionBinder, Position
    from casewright.bind.places import Where
    from casewright.bind.shape import Shape
    from casewright.bind.values import Value


class ListCompiler:
    """Compiles action lists.

    Attributes:
        shapes: every case type's shape by qualified name, for ``create`` and ``send``.
        compilers: by the key of an action, what compiles it; others are refused.
    """

    def __init__(self, binder: ExpressionBinder, shapes: Mapping[str, Shape]) -> None:
        self.binder = binder
        self.shapes = shapes
        self.compilers: dict[str, Callable[..., act.Action | None]] = {
            "send": self._send,
            "create": self._create,
            "notify": self.notify,
            "let": self._let,
        }

    def refuse(self, key: str, where: Where) -> None:
        """Report an action that has no place in the list."""
        raise NotImplementedError(f"{where}: {key}")

    def check_refused(self, event: str, where: Where) -> None:
        """Report an event that cannot be raised where a receiver refuses."""
        raise NotImplementedError(f"{where}: {event}")

    def notify(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        """Return the action that sends a notification by name."""
        raise NotImplementedError(f"{where}: {raw} {position} {len(names)}")

    def compile(
        self,
        raw: Sequence[Any],
        where: Where,
        position: Position = "event",
        extra: Mapping[str, Name] | None = None,
    ) -> act.ActionList:
        """Return the list compiled; an action with a mistake is reported and left out."""
        names = dict(extra or {})
        made: list[act.Action] = []
        for index, item in enumerate(raw):
            one = self._one(plain(item), where / index, position, names)
            if one is not None:
                made.append(one)
        return act.ActionList(tuple(made))

    def _one(
        self, raw: Mapping[str, Any], where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        if "do" in raw:
            return self._group(raw, where, position, names)
        key = next(iter(raw))
        compiler = self.compilers.get(key)
        if compiler is None:
            self.refuse(key, where / key)
            return None
        return compiler(raw[key], where / key, position, names)

    def _group(
        self, raw: Mapping[str, Any], where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action:
        inner = names
        alias = raw.get("as") or "item"
        for_each = None
        if raw.get("for_each") is not None:
            place = where / "for_each"
            text, known = with_queries(self.binder, self.shapes, raw["for_each"], place, names)
            for_each = self.binder.value(text, place, position, None, known)
            kind = for_each.type if for_each is not None else feel.ANY
            item = kind.item if isinstance(kind, feel.ListType) else feel.ANY
            inner = {**names, alias: Name(item, f"s.lets.get({alias!r})", self.origin(for_each))}
        when = None
        if raw.get("when") is not None:
            when = self.binder.condition(_text(raw["when"]), where / "when", position, inner)
        do = self.compile(raw["do"], where / "do", position, inner)
        return act.Group(str(where), when, for_each, alias, do)

    def _send(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        to, to_list = None, None
        text = raw["to"]
        if is_expression(text) and text[2:].strip() in self.binder.related:
            to_list = text[2:].strip()
        else:
            place = where / "to"
            text, queried = with_queries(self.binder, self.shapes, text, place, names)
            to = self.binder.value(text, place, position, None, queried)
            if to is None:
                return None
        event = raw["event"]
        if not any(shape.knows_event(event) for shape in self.shapes.values()):
            known = {e for shape in self.shapes.values() for e in shape.event_types}
            self.binder.unknown("CW403", where / "event", "event", event, known)
        data = self._values(raw.get("data", {}), where / "data", position, names)
        refused = raw.get("else")
        if refused is not None:
            self.check_refused(refused, where / "else")
        return act.Send(str(where), event, to, to_list, data, refused)

    def _values(
        self, raw: Mapping[str, Any], where: Where, position: Position, names: dict[str, Name]
    ) -> dict[str, Value]:
        made = {n: self.binder.value(v, where / n, position, None, names) for n, v in raw.items()}
        return {name: value for name, value in made.items() if value is not None}

    def _create(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        target = self._created(raw, where)
        if target is None:
            return None
        data: dict[str, Value] = {}
        for name, item in raw.get("with", {}).items():
            definition = target.fields.get(name)
            if definition is None:
                self.binder.unknown(
                    "CW222", where / "with" / name, "field", name, target.fields, key=True
                )
                continue
            value = self.binder.field_value(
                definition, item, where / "with" / name, position, names
            )
            if value is not None:
                data[name] = value
        once = None
        if raw.get("once_per") is not None:
            keys = [
                self.binder.value(item, where / "once_per" / i, position, None, names)
                for i, item in enumerate(raw["once_per"])
            ]
            once = tuple(key for key in keys if key is not None)
        alias = raw.get("as")
        if alias is not None:
            names[alias] = Name(feel.STRING, f"s.lets.get({alias!r})", ("let",))
        return act.Create(str(where), target.name, raw.get("service"), alias, data, once)

    def _created(self, raw: Mapping[str, Any], where: Where) -> Shape | None:
        world = self.binder.world
        if raw.get("case_type") is not None:
            spec = world.find("case_type", raw["case_type"], where / "case_type")
            target = None if spec is None else self.shapes[spec.qualified]
        else:
            target = self._of_service(raw.get("service"), where)
        service = raw.get("service")
        if target is not None and service is not None and service not in target.spec.model.services:
            self.binder.unknown(
                "CW234", where / "service", "service", service, target.spec.model.services
            )
        return target

    def _of_service(self, service: str | None, where: Where) -> Shape | None:
        if service is None:
            self.binder.report("CW235", where, "a creation needs `case_type` or `service`")
            return None
        having = [s for s in self.shapes.values() if service in s.spec.model.services]
        if len(having) == 1:
            return having[0]
        if not having:
            known = {n for s in self.shapes.values() for n in s.spec.model.services}
            self.binder.unknown("CW234", where / "service", "service", service, known)
        else:
            self.binder.report(
                "CW235",
                where / "service",
                f'several case types have a service "{service}"',
                "name `case_type`",
            )
        return None

    def _let(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action:
        made: dict[str, Value] = {}
        for name, item in raw.items():
            value = self.binder.value(item, where / name, position, None, names)
            kind = feel.ANY if value is None else value.type
            names[name] = Name(kind, f"s.lets.get({name!r})", self.origin(value))
            if value is not None:
                made[name] = value
        return act.Let(made)

    def origin(self, value: Value | None) -> tuple[str, ...]:
        """Return the path of a name: of items of a related list the list, so reads are known."""
        reads = () if value is None else sorted(value.reads)
        return (next((p[0] for p in reads if p[0] in self.binder.related), "let"),)


def _text(raw: Any) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)

"""Queries over cases, ``cases(incident)[configuration_item = ci]``, where receivers are named.

A query is a set of records that the host answers, narrowed by a filter on a field; conditions may
not ask one (rule 35: no step reads another case to decide something).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casewright.bind.places import is_expression
from casewright.bind.scope import summary_members
from casewright.feel import Name
from casewright.feel import types as feel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.expressions import ExpressionBinder
    from casewright.bind.places import Where
    from casewright.bind.shape import Shape

_QUERY = re.compile(r"\bcases\(([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\)")


def with_queries(
    binder: ExpressionBinder,
    shapes: Mapping[str, Shape],
    raw: Any,
    where: Where,
    names: Mapping[str, Name],
) -> tuple[Any, dict[str, Name]]:
    """Return a value with each query as a name, and the names with those of the queries.

    A query and its name are as long as each other, so that offsets of mistakes stay true. A case
    type that is not known is reported.
    """
    found = dict(names)
    if not is_expression(raw):
        return raw, found

    def named(match: re.Match[str]) -> str:
        case_type = match[1]
        spec = binder.world.find("case_type", case_type, where)
        name = f"cases {case_type.replace('.', ' ')}"
        if spec is not None:
            found[name] = _query(shapes[spec.qualified])
        else:
            found[name] = Name(feel.ANY, "None", ("records",))
        return f"{name} "

    return _QUERY.sub(named, raw), found


def _query(shape: Shape) -> Name:
    members = summary_members(shape)
    item = feel.ContextType(members, name=shape.name)
    fields = frozenset(n for n, d in shape.fields.items() if d.kind != "journal")
    kind = feel.RecordSetType(
        shape.name,
        item=item,
        indexed=fields,
        select=f"s.select({shape.name!r}, {{field!r}}, {{}})",
    )
    return Name(kind, "None", ("records",))

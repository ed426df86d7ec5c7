"""A function, made for one table, that finds the row and returns its result in one call.

It is written as Python source with one look-up a column, which takes half the time of loops over
the columns. The source holds positions only; whatever a spec says reaches it as bound objects.
Tables with several hits, evaluated cells, or more rows than a leaf has decide without it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from casewright.dmn.index import Leaf

if TYPE_CHECKING:
    from casewright.dmn.hit_policy import Answers, Decide
    from casewright.dmn.index import Node


def compiled_lookup(
    root: Node, width: int, answers: Answers, decide: Decide, *, first: bool
) -> Decide | None:
    """Return a function equal to ``decide`` that also spends one step, or None.

    Args:
        root: the index of the table; only one that is a leaf without tests is taken.
        width: how many inputs the table has.
        answers: its right side; only one that is all constant is taken.
        decide: what takes over for several hits and for values that cannot be hashed.
        first: the first hit is the answer, so there is never more than one.
    """
    constants = answers.constants()
    if not isinstance(root, Leaf) or root.tests or None in constants:
        return None
    bound: dict[str, Any] = {
        "bisect_left": bisect_left,
        "bisect_right": bisect_right,
        "constants": constants,
        "decide": decide,
        "full": root.full,
        "otherwise": answers.otherwise,
    }
    masks = ["full"]
    for n, (at, by_value, other) in enumerate(root.words):
        bound |= {f"word_{n}": by_value.get, f"other_{n}": other}
        masks.append(f"word_{n}(x{at}, other_{n})")
    for n, (at, classes, by_value, other, odd) in enumerate(root.guarded):
        bound |= {f"class_{n}": classes, f"value_{n}": by_value.get}
        bound |= {f"another_{n}": other, f"odd_{n}": odd}
        masks.append(
            f"(value_{n}(x{at}, another_{n}) if x{at}.__class__ in class_{n} else odd_{n})"
        )
    for n, (at, classes, edges, between, null, odd) in enumerate(root.ranges):
        bound |= {f"kind_{n}": classes, f"edge_{n}": edges, f"between_{n}": between}
        bound |= {f"null_{n}": null, f"not_{n}": odd}
        place = f"bisect_left(edge_{n}, x{at}) + bisect_right(edge_{n}, x{at})"
        masks.append(
            f"(between_{n}[{place}] if x{at}.__class__ in kind_{n}"
            f" else null_{n} if x{at} is None else not_{n})"
        )
    unpacked = "".join(f"x{at}, " for at in range(width)) + "= args" if width else "pass"
    several = "" if first else "if mask & (mask - 1): return decide(s, b, args)"
    source = f"""
def lookup(s, b, args):
    b.left -= 1
    if b.left < 0:
        b.spend(0)
    {unpacked}
    try:
        mask = {" & ".join(masks if len(masks) == 1 else masks[1:])}
    except TypeError:
        return decide(s, b, args)
    if not mask:
        return {"otherwise(s, b)" if answers.defaults else None}
    {several}
    return constants[(mask & -mask).bit_length() - 1]
"""
    exec(compile(source, "<decision table>", "exec"), bound)  # noqa: S102 - positions only
    lookup: Decide = bound["lookup"]
    return lookup

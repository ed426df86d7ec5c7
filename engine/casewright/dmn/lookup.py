"""A function, made for one table, that finds the row and returns its result in one call.

For a table of one leaf it is written as Python source with one look-up a column, which takes half
the time of loops over the columns. The source holds positions only; whatever a spec says reaches it
as bound objects. Tables with several hits or evaluated cells decide without it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from casewright.dmn.index import Fork, Leaf

if TYPE_CHECKING:
    from casewright.dmn.hit_policy import Answers, Decide
    from casewright.dmn.index import Node
    from casewright.feel import Budget


def compiled_lookup(
    root: Node, width: int, answers: Answers, decide: Decide, *, first: bool
) -> Decide | None:
    """Return a function equal to ``decide`` that also spends one step, or None.

    Args:
        root: the index of the table; only one without tests is taken.
        width: how many inputs the table has.
        answers: its right side; only one that is all constant, defaults too, is taken.
        decide: what takes over for several hits and for values that cannot be hashed.
        first: the first hit is the answer, so there is never more than one.
    """
    constants = answers.constants()
    reads = any(output.expression is not None for output in answers.defaults)
    if None in constants or reads or _has_tests(root):
        return None
    if not isinstance(root, Leaf):
        return _descending(root, answers, decide, first=first)
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
    return constants[-mask.bit_length()]
"""
    exec(compile(source, "<decision table>", "exec"), bound)  # noqa: S102 - positions only
    lookup: Decide = bound["lookup"]
    return lookup


def _has_tests(node: Node) -> bool:
    if isinstance(node, Leaf):
        return bool(node.tests)
    if isinstance(node, Fork):
        return any(map(_has_tests, (*node.branches.values(), node.other, node.odd)))
    return any(map(_has_tests, (*node.branches, node.null, node.odd)))


def _descending(root: Node, answers: Answers, decide: Decide, *, first: bool) -> Decide:
    """Return the function for a tree: down to the leaf, then its masks, in one call."""
    constants = answers.constants()

    def lookup(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
        b.left -= 1
        if b.left < 0:
            b.spend(0)
        node = root
        while not isinstance(node, Leaf):
            node = node.branch(args)
        try:
            mask = node.narrowed(args)
        except TypeError:
            return decide(s, b, args)
        if not mask:
            return answers.otherwise(s, b)
        if first or not mask & (mask - 1):
            return constants[node.rows[-mask.bit_length()]]
        return decide(s, b, args)

    return lookup

"""Functions on lists. Source: DMN 1.5, table 74."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING

from casewright.feel.arithmetic import add, add_numbers, divide, divide_numbers, multiply_numbers
from casewright.feel.arithmetic import subtract_numbers as subtract
from casewright.feel.builtins.numeric import whole
from casewright.feel.faults import FeelFault
from casewright.feel.loops import invoke
from casewright.feel.operators import equal, order
from casewright.feel.types import kind
from casewright.feel.values import NUMBERS, FunctionValue, Number, canonical, is_list, is_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel.budget import Budget

Items = list[object]


def _contains(b: Budget, items: Items, element: object) -> bool:
    b.spend(len(items))
    return any(equal(b, item, element) is True for item in items)


def _count(_b: Budget, items: Items) -> int:
    return len(items)


def _extreme(sign: int) -> Callable[[Budget, Items], object]:
    def find(b: Budget, items: Items) -> object:
        b.spend(len(items))
        if not items:
            return None
        best = items[0]
        if order(best, best) is None:
            raise FeelFault("these values have no order")
        for item in items[1:]:
            found = order(item, best)
            if found is None:
                raise FeelFault("values of unlike types have no order")
            if found == sign:
                best = item
        return best

    return find


def _numbers(b: Budget, items: Items) -> list[Number]:
    b.spend(len(items))
    numbers = [item for item in items if is_number(item)]
    if len(numbers) != len(items):
        raise FeelFault("the list must hold numbers only")
    return numbers


def _sum(b: Budget, items: Items) -> object:
    b.spend(len(items))
    if not items:
        return None
    total = items[0]
    if kind(total).name not in ("number", "days and time duration", "years and months duration"):
        raise FeelFault("sum adds numbers or durations")
    for item in items[1:]:
        total = add(b, total, item)
    return total


def _mean(b: Budget, items: Items) -> object:
    return divide(b, _sum(b, items), len(items)) if items else None


def _product(b: Budget, items: Items) -> Number | None:
    numbers = _numbers(b, items)
    if not numbers:
        return None
    total: Number | None = 1
    for number in numbers:
        total = multiply_numbers(total, number)
    return total


def _all(b: Budget, items: Items) -> bool | None:
    b.spend(len(items))
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def _any(b: Budget, items: Items) -> bool | None:
    b.spend(len(items))
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


def _sublist(b: Budget, items: Items, start: Number, length: Number | None = None) -> Items:
    position = whole(start)
    if position == 0 or abs(position) > len(items):
        raise FeelFault(f"the list has no position {position}")
    first = position - 1 if position > 0 else len(items) + position
    if length is None:
        taken = items[first:]
    else:
        count = whole(length)
        if count < 0 or first + count > len(items):
            raise FeelFault(f"the list has no {count} elements from {position}")
        taken = items[first : first + count]
    b.spend(len(taken))
    return taken


def _append(b: Budget, items: Items, more: Items) -> Items:
    b.spend(len(items) + len(more))
    return [*items, *more]


def _concatenate(b: Budget, lists: Items) -> Items:
    joined: Items = []
    for inner in lists:
        elements = _as_list(inner)
        b.spend(len(elements))
        joined.extend(elements)
    return joined


def _as_list(value: object) -> Items:
    if value is None:
        raise FeelFault("null is no list")
    return list(value) if is_list(value) else [value]


def _position(items: Items, position: Number) -> int:
    place = whole(position)
    if place == 0 or abs(place) > len(items):
        raise FeelFault(f"the list has no position {place}")
    return place - 1 if place > 0 else len(items) + place


def _insert(b: Budget, items: Items, position: Number, new: object) -> Items:
    b.spend(len(items))
    place = _position(items, position)
    return [*items[:place], new, *items[place:]]


def _remove(b: Budget, items: Items, position: Number) -> Items:
    b.spend(len(items))
    place = _position(items, position)
    return [*items[:place], *items[place + 1 :]]


def _replace(b: Budget, items: Items, position: Number, new: object) -> Items:
    b.spend(len(items))
    place = _position(items, position)
    return [*items[:place], new, *items[place + 1 :]]


def _replace_matching(b: Budget, items: Items, match: FunctionValue, new: object) -> Items:
    if len(match.parameters) != 2:
        raise FeelFault("match takes the element and the new value")
    found: Items = []
    for item in items:
        answer = invoke(b, match, (item, new))
        if not isinstance(answer, bool):
            raise FeelFault("match must give true or false")
        found.append(new if answer else item)
    return found


def _reverse(b: Budget, items: Items) -> Items:
    b.spend(len(items))
    return items[::-1]


def _index_of(b: Budget, items: Items, match: object) -> list[int]:
    b.spend(len(items))
    return [i for i, item in enumerate(items, 1) if equal(b, item, match) is True]


def _distinct(b: Budget, items: Items) -> Items:
    found: Items = []
    seen: set[tuple[str, object]] = set()
    for item in items:
        name = kind(item).name
        if name in ("list", "context", "range", "function", "duration"):
            b.spend(len(found) + 1)
            if not any(equal(b, item, other) is True for other in found):
                found.append(item)
            continue
        b.spend(1)
        if (name, item) not in seen:
            seen.add((name, item))
            found.append(item)
    return found


def _union(b: Budget, lists: Items) -> Items:
    return _distinct(b, _concatenate(b, lists))


def _flatten(b: Budget, items: Items) -> Items:
    found: Items = []
    stack = [iter(items)]
    while stack:
        for item in stack[-1]:
            b.spend(1)
            if is_list(item):
                stack.append(iter(item))
                break
            found.append(item)
        else:
            stack.pop()
    return found


def _median(b: Budget, items: Items) -> Number | None:
    numbers = sorted(_numbers(b, items))
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return divide_numbers(add_numbers(numbers[middle - 1], numbers[middle]), 2)


def _stddev(b: Budget, items: Items) -> Number | None:
    numbers = _numbers(b, items)
    if len(numbers) < 2:
        return None
    total: Number | None = 0
    for number in numbers:
        total = add_numbers(total, number)
    mean = divide_numbers(total, len(numbers))
    squares: Number | None = 0
    for number in numbers:
        distance = subtract(number, mean)
        squares = add_numbers(squares, multiply_numbers(distance, distance))
    variance = divide_numbers(squares, len(numbers) - 1)
    return None if variance is None else canonical(NUMBERS.sqrt(variance))


def _mode(b: Budget, items: Items) -> list[Number]:
    counts: dict[Number, int] = {}
    for number in _numbers(b, items):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _sort(b: Budget, items: Items, precedes: FunctionValue | None = None) -> Items:
    def compare(left: object, right: object) -> int:
        b.spend(1)
        if precedes is not None:
            if invoke(b, precedes, (left, right)) is True:
                return -1
            return 1 if invoke(b, precedes, (right, left)) is True else 0
        found = order(left, right)
        if found is None:
            raise FeelFault("values of unlike types have no order")
        return found

    if precedes is not None and len(precedes.parameters) != 2:
        raise FeelFault("precedes takes two elements")
    b.spend(len(items))
    return sorted(items, key=cmp_to_key(compare))


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("list contains(list: list, element: any) -> boolean", _contains),
    ("count(list: list) -> number", _count),
    ("min(list: list) -> any", _extreme(-1)),
    ("min(...c: any) -> any", _extreme(-1)),
    ("max(list: list) -> any", _extreme(1)),
    ("max(...c: any) -> any", _extreme(1)),
    ("sum(list: list) -> any", _sum),
    ("sum(...n: any) -> any", _sum),
    ("mean(list: list) -> any", _mean),
    ("mean(...n: any) -> any", _mean),
    ("all(list: list) -> boolean", _all),
    ("all(...b: any) -> boolean", _all),
    ("any(list: list) -> boolean", _any),
    ("any(...b: any) -> boolean", _any),
    ("sublist(list: list, start position: number, length?: number?) -> list", _sublist),
    ("append(list: list, ...item: any) -> list", _append),
    ("concatenate(...list: any) -> list", _concatenate),
    ("insert before(list: list, position: number, newItem: any) -> list", _insert),
    ("remove(list: list, position: number) -> list", _remove),
    ("list replace(list: list, position: number, newItem: any) -> list", _replace),
    ("list replace(list: list, match: function, newItem: any) -> list", _replace_matching),
    ("reverse(list: list) -> list", _reverse),
    ("index of(list: list, match: any) -> list<number>", _index_of),
    ("union(...list: any) -> list", _union),
    ("distinct values(list: list) -> list", _distinct),
    ("flatten(list: list) -> list", _flatten),
    ("product(list: list) -> number", _product),
    ("product(...n: any) -> number", _product),
    ("median(list: list) -> number", _median),
    ("median(...n: any) -> number", _median),
    ("stddev(list: list) -> number", _stddev),
    ("stddev(...n: any) -> number", _stddev),
    ("mode(list: list) -> list<number>", _mode),
    ("mode(...n: any) -> list<number>", _mode),
    ("sort(list: list, precedes?: function) -> list", _sort),
)

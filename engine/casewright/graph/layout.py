"""Coordinates for a diagram: layers, an order with few crossings, straight chains.

Each arrow runs through one place on every level between its ends. The place in the middle is as
wide and high as the arrow's label, so labels overlap neither boxes nor each other.

Source: Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures"
(1981); barycentre ordering, and least squares under minimum distances for the coordinates.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.graph.ranking import ranked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.graph.diagram import Diagram, Edge

_SWEEPS = 16
_ROUNDS = 600
_NODE_GAP = 36.0
_CHAIN_GAP = 20.0
_RANK_GAP = 26.0
_WIDEST_GAP = 60.0
_BARE_GAP = 10.0
_SPINE = 150.0


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Point:
    """A place in pixels, from the top left."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """How an arrow runs.

    Attributes:
        edge: the arrow.
        points: from its source to its target; it passes each of them vertically.
        label: the middle of its label.
    """

    edge: Edge
    points: tuple[Point, ...]
    label: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands.

    Attributes:
        size: of the whole, without a margin.
        centres: middle of each box, by id.
        routes: of all arrows but those from a box to itself.
    """

    size: Size
    centres: Mapping[str, Point]
    routes: tuple[Route, ...]


@dataclass(slots=True, eq=False)
class _Place:
    """A box, or the place of an arrow on a level, with its neighbours on the levels beside it."""

    rank: int
    size: Size
    node: str = ""
    x: float = 0.0
    above: list[_Tie] = field(default_factory=list["_Tie"])
    below: list[_Tie] = field(default_factory=list["_Tie"])


@dataclass(frozen=True, slots=True, eq=False)
class _Tie:
    """A neighbour: how strongly a place is drawn to it, and how far beside it that would be."""

    place: _Place
    weight: float
    shift: float = 0.0


@dataclass(slots=True, eq=False)
class _Chain:
    """An arrow's places from the upper box to the lower one.

    Attributes:
        edge: the arrow.
        upwards: its source is the lower box.
        places: from the upper box to the lower one.
        label: the place that its label takes.
        leaves: how far beside the middle of the upper box it leaves.
        meets: how far beside the middle of the lower box it meets it.
    """

    edge: Edge
    upwards: bool
    places: list[_Place]
    label: _Place
    leaves: float = 0.0
    meets: float = 0.0


def placed(diagram: Diagram, boxes: Mapping[str, Size], labels: Mapping[Edge, Size]) -> Layout:
    """Return the coordinates of a diagram.

    Args:
        diagram: what to place.
        boxes: how large each box is, by id; room for an arrow to itself is part of it.
        labels: how large the label of each arrow is.
    """
    ranks, upwards = ranked(diagram)
    nodes = {node.id: _Place(ranks[node.id], boxes[node.id], node.id) for node in diagram.nodes}
    chains = [
        _chain(edge, nodes, labels[edge], (edge.source, edge.target) in upwards)
        for edge in diagram.edges
        if edge.source != edge.target
    ]
    spine = _spine(chains, nodes)
    _tie(chains, spine)
    layers = _layers([*nodes.values(), *(p for chain in chains for p in chain.places[1:-1])])
    _order(layers)
    _find_ports(chains, layers)
    _tie(chains, spine)
    _straighten(layers)
    left = min(place.x - place.size.width / 2 for layer in layers for place in layer)
    for layer in layers:
        for place in layer:
            place.x -= left
    tops = _tops(layers)
    width = max(place.x + place.size.width / 2 for layer in layers for place in layer)
    height = tops[-1] + _height(layers[-1])
    rows = {layers[at][0].rank: at for at in range(len(layers))}
    bands = {r: (tops[at], tops[at] + _height(layers[at])) for r, at in rows.items()}
    return Layout(
        Size(width, height),
        {name: Point(place.x, sum(bands[place.rank]) / 2) for name, place in nodes.items()},
        tuple(_route(chain, bands) for chain in chains),
    )


def _chain(edge: Edge, nodes: Mapping[str, _Place], label: Size, upwards: bool) -> _Chain:
    upper, lower = nodes[edge.source], nodes[edge.target]
    if upwards:
        upper, lower = lower, upper
    middle = (upper.rank + lower.rank) // 2
    middle += 1 - middle % 2
    places = [
        _Place(rank, label if rank == middle else Size(1.0, 0.0))
        for rank in range(upper.rank + 1, lower.rank)
    ]
    whole = [upper, *places, lower]
    return _Chain(edge, upwards, whole, next(p for p in places if p.rank == middle))


def _tie(chains: Sequence[_Chain], spine: set[_Place]) -> None:
    """Make neighbours of the places along each arrow; those of the spine hold most strongly."""
    for place in {place for chain in chains for place in chain.places}:
        place.above, place.below = [], []
    for chain in chains:
        upper, lower = chain.places[0], chain.places[-1]
        main = upper in spine and lower in spine and not chain.upwards
        for one, other in zip(chain.places, chain.places[1:], strict=False):
            weight = (2.0 if one.node or other.node else 8.0) * (_SPINE if main else 1.0)
            shift = (chain.leaves if one.node else 0.0) - (chain.meets if other.node else 0.0)
            one.below.append(_Tie(other, weight, -shift))
            other.above.append(_Tie(one, weight, shift))


def _spine(chains: Sequence[_Chain], nodes: Mapping[str, _Place]) -> set[_Place]:
    """Return the boxes of the longest way from the first box downwards, which is to be straight."""
    before: dict[_Place, _Place] = {}
    first = next(iter(nodes.values()))
    reached = {first}
    for place in sorted(nodes.values(), key=lambda place: place.rank):
        for chain in chains:
            upper, lower = chain.places[0], chain.places[-1]
            if upper is place and place in reached and not chain.upwards:
                reached.add(lower)
                if lower not in before or before[lower].rank < place.rank:
                    before[lower] = place
    place = max(reached, key=lambda place: place.rank)
    spine = {place}
    while place in before:
        place = before[place]
        spine.add(place)
    return spine


def _layers(places: Sequence[_Place]) -> list[list[_Place]]:
    layers: dict[int, list[_Place]] = {}
    for place in places:
        layers.setdefault(place.rank, []).append(place)
    return [layers[rank] for rank in sorted(layers)]


# Order


def _order(layers: list[list[_Place]]) -> None:
    """Bring each layer into an order with few crossings, by the middle of the neighbours."""
    best = [list(layer) for layer in layers]
    fewest = _crossings(layers)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for layer in layers if downwards else layers[::-1]:
            _sort(layer, layers, downwards=downwards)
        found = _crossings(layers)
        if found < fewest:
            best, fewest = [list(layer) for layer in layers], found
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order


def _sort(layer: list[_Place], layers: list[list[_Place]], *, downwards: bool) -> None:
    at = {place: number for other in layers for number, place in enumerate(other)}

    def middle(place: _Place) -> float:
        beside = place.above if downwards else place.below
        if not beside:
            return float(at[place])
        return sum(at[tie.place] for tie in beside) / len(beside)

    layer.sort(key=middle)


def _crossings(layers: list[list[_Place]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(layers):
        at = {place: number for number, place in enumerate(lower)}
        ends = [
            (number, at[tie.place])
            for number, place in enumerate(upper)
            for tie in place.below
            if tie.place in at
        ]
        count += sum(
            1 for k, (a, b) in enumerate(ends) for c, d in ends[k + 1 :] if (a - c) * (b - d) < 0
        )
    return count


def _find_ports(chains: Sequence[_Chain], layers: list[list[_Place]]) -> None:
    """Give arrows that meet one side of a box places beside each other, in the order they come."""
    at = {place: number for layer in layers for number, place in enumerate(layer)}
    above: dict[_Place, list[_Chain]] = {}
    below: dict[_Place, list[_Chain]] = {}
    for chain in chains:
        below.setdefault(chain.places[0], []).append(chain)
        above.setdefault(chain.places[-1], []).append(chain)
    for place, meeting in below.items():
        meeting.sort(key=lambda chain: at[chain.places[1]])
        for chain, shift in zip(meeting, _spread(place, len(meeting)), strict=True):
            chain.leaves = shift
    for place, meeting in above.items():
        meeting.sort(key=lambda chain: at[chain.places[-2]])
        for chain, shift in zip(meeting, _spread(place, len(meeting)), strict=True):
            chain.meets = shift


def _spread(place: _Place, count: int) -> list[float]:
    step = min(32.0, place.size.width * 0.7 / count)
    return [(number - (count - 1) / 2) * step for number in range(count)]


# Coordinates


def _straighten(layers: list[list[_Place]]) -> None:
    """Give each place an x near those of its neighbours, in order and at a distance."""
    for layer in layers:
        x = 0.0
        for before, place in zip([None, *layer], layer, strict=False):
            x += _distance(before, place) if before else 0.0
            place.x = x
    for turn in range(_ROUNDS):
        for layer in layers if turn % 2 == 0 else layers[::-1]:
            wanted = [_wanted(place) for place in layer]
            _settle(layer, wanted)


def _wanted(place: _Place) -> tuple[float, float]:
    """Return where a place would like to be, and how much."""
    ties = place.above + place.below
    weight = sum(tie.weight for tie in ties)
    if not weight:
        return place.x, 0.1
    return sum((tie.place.x + tie.shift) * tie.weight for tie in ties) / weight, weight


def _settle(layer: list[_Place], wanted: list[tuple[float, float]]) -> None:
    """Place a layer at least squared distance from what is wanted (pool adjacent violators)."""
    offsets = [0.0]
    for before, place in itertools.pairwise(layer):
        offsets.append(offsets[-1] + _distance(before, place))
    blocks: list[tuple[float, float, int]] = []
    for (x, weight), offset in zip(wanted, offsets, strict=True):
        value, mass, count = x - offset, weight, 1
        while blocks and blocks[-1][0] >= value:
            other, other_mass, other_count = blocks.pop()
            value = (value * mass + other * other_mass) / (mass + other_mass)
            mass, count = mass + other_mass, count + other_count
        blocks.append((value, mass, count))
    settled = [value for value, _, count in blocks for _ in range(count)]
    for place, value, offset in zip(layer, settled, offsets, strict=True):
        place.x = value + offset


def _distance(one: _Place, other: _Place) -> float:
    gap = _NODE_GAP if one.node and other.node else _CHAIN_GAP
    return (one.size.width + other.size.width) / 2 + gap


def _tops(layers: list[list[_Place]]) -> list[float]:
    tops = [0.0]
    for upper, lower in itertools.pairwise(layers):
        longest = max(
            (abs(place.x - tie.place.x) for place in upper for tie in place.below), default=0.0
        )
        least = _RANK_GAP if _height(upper) and _height(lower) else _BARE_GAP
        gap = min(_WIDEST_GAP, max(least, longest * 0.16))
        tops.append(tops[-1] + _height(upper) + gap)
    return tops


def _height(layer: Sequence[_Place]) -> float:
    return max(place.size.height for place in layer)


# Routes


def _route(chain: _Chain, bands: Mapping[int, tuple[float, float]]) -> Route:
    upper, lower = chain.places[0], chain.places[-1]
    begin = Point(upper.x + chain.leaves, sum(bands[upper.rank]) / 2 + upper.size.height / 2)
    end = Point(lower.x + chain.meets, sum(bands[lower.rank]) / 2 - lower.size.height / 2)
    points = [begin, Point(begin.x, bands[upper.rank][1])]
    for place in chain.places[1:-1]:
        top, bottom = bands[place.rank]
        points += [Point(place.x, top), Point(place.x, bottom)]
    points += [Point(end.x, bands[lower.rank][0]), end]
    label = Point(chain.label.x, sum(bands[chain.label.rank]) / 2)
    return Route(chain.edge, tuple(points[::-1] if chain.upwards else points), label)

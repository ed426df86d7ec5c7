"""Which network brings which facts together: the native one, or the durable one where that may.

The choice makes no difference to what is found. ``auto`` takes the durable network for productions
of several patterns, if it is installed and they can be lowered; ``durable`` takes it for whatever
can be lowered; ``native`` never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from casewright.rules.networks.durable import DurableNetwork, is_installed, lower_reason
from casewright.rules.networks.native import NativeNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from casewright.rules.networks.contract import Activation, Around, Fact, Network, Production

Wanted = Literal["auto", "native", "durable"]
WANTED: tuple[Wanted, ...] = get_args(Wanted)

NOT_INSTALLED = (
    "the durable network needs durable-rules, which is not installed: "
    'pip install "casewright[rules]" (it is built with a C compiler), or choose the network "auto"'
)


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """What runs a production, and why.

    Attributes:
        production: its name.
        network: ``native`` or ``durable``.
        reason: for people.
    """

    production: str
    network: Literal["native", "durable"]
    reason: str


def network_for(
    productions: Sequence[Production], wanted: Wanted = "auto"
) -> tuple[Network, tuple[NetworkUse, ...]]:
    """Return a network of productions, and for each what runs it, in their order.

    Raises:
        ValueError: the durable network is wanted and not installed, or there is none so named.
    """
    if wanted not in WANTED:
        raise ValueError(f'unknown network "{wanted}"; there are {", ".join(WANTED)}')
    if wanted == "durable" and not is_installed():
        raise ValueError(NOT_INSTALLED)
    uses = tuple(_use(production, wanted) for production in productions)
    return _network(productions, uses), uses


def _use(production: Production, wanted: Wanted) -> NetworkUse:
    name = production.name
    if wanted == "native":
        return NetworkUse(name, "native", "the native network was chosen")
    if wanted == "auto" and len(production.patterns) + len(production.absent) < 2:
        return NetworkUse(name, "native", "one pattern joins nothing")
    if not is_installed():
        return NetworkUse(name, "native", "durable-rules is not installed")
    why_not = lower_reason(production)
    if why_not is not None:
        return NetworkUse(name, "native", why_not)
    if wanted == "durable":
        return NetworkUse(name, "durable", "the durable network was chosen")
    return NetworkUse(name, "durable", "it brings several facts together")


def _network(productions: Sequence[Production], uses: Iterable[NetworkUse]) -> Network:
    by_network: dict[str, list[Production]] = {}
    for production, use in zip(productions, uses, strict=True):
        by_network.setdefault(use.network, []).append(production)
    makers: dict[str, Callable[[Sequence[Production]], Network]] = {
        "native": NativeNetwork,
        "durable": DurableNetwork,
    }
    made = [makers[name](some) for name, some in sorted(by_network.items())]
    if len(made) == 1:
        return made[0]
    return MixedNetwork(made, [production.name for production in productions])


class MixedNetwork:
    """Several networks, each for some of the productions.

    Attributes:
        networks: in no particular order.
    """

    __slots__ = ("_order", "networks")

    def __init__(self, networks: Sequence[Network], productions: Iterable[str]) -> None:
        """Bring networks together.

        Args:
            productions: the names of all productions, in their order.
        """
        self.networks = tuple(networks)
        self._order = {name: order for order, name in enumerate(productions)}

    @property
    def name(self) -> str:
        """Return the names of all networks in it."""
        return "+".join(network.name for network in self.networks)

    def activations(self, facts: Sequence[Fact], around: Around) -> list[Activation]:
        """Return all activations, by production in the order given.

        Raises:
            FactLimit: there are too many facts or activations for one of the networks.
            BudgetExceeded: the evaluation budget is spent.
            RecordsMissing: conditions need records that ``related`` does not have.
        """
        found = [one for network in self.networks for one in network.activations(facts, around)]
        return sorted(found, key=lambda one: self._order[one.production])

    def close(self) -> None:
        """Let go of what the networks hold outside Python's memory."""
        for network in self.networks:
            network.close()

"""The option that says what brings the facts of rules together."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cli.door import UsageError

if TYPE_CHECKING:
    from casewright.rules.networks.choosing import Wanted


class Network(StrEnum):
    """What brings several facts together."""

    AUTO = "auto"
    NATIVE = "native"
    DURABLE = "durable"


NetworkOption = Annotated[
    Network,
    typer.Option(
        "--network", help="What runs rules over several facts; auto takes durable-rules if it can."
    ),
]


def wanted_network(network: Network) -> "Wanted":
    """Return the network that compiling takes.

    Raises:
        UsageError: it is not installed.
    """
    from casewright.rules.networks.choosing import NOT_INSTALLED
    from casewright.rules.networks.durable import is_installed

    if network is Network.DURABLE and not is_installed():
        raise UsageError(NOT_INSTALLED)
    return network.value

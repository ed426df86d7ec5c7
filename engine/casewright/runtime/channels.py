"""Channels that need nothing else: the console, a list, a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import msgspec

from casewright.store.values import plain

if TYPE_CHECKING:
    from casewright.host import Delivery


class ConsoleChannel:
    """Writes each message for people to read.

    Args:
        out: where to; standard output where left out.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    def deliver(self, delivery: Delivery) -> None:
        """Write one message."""
        out = self._out or sys.stdout
        receivers = ", ".join(delivery.to) or "nobody"
        out.write(f"[{delivery.channel}] {delivery.name} to {receivers} (case {delivery.case})\n")
        for line in (delivery.subject, *delivery.body.splitlines()):
            if line:
                out.write(f"    {line}\n")


class CollectingChannel:
    """Keeps each message in ``deliveries``, for tests and scripts."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []

    def deliver(self, delivery: Delivery) -> None:
        """Keep one message."""
        self.deliveries.append(delivery)


class FileChannel:
    """Appends each message to a file, one JSON object a line.

    Args:
        path: of the file.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def deliver(self, delivery: Delivery) -> None:
        """Append one message."""
        line = {
            "id": delivery.id,
            "case": delivery.case,
            "channel": delivery.channel,
            "kind": delivery.kind,
            "name": delivery.name,
            "to": delivery.to,
            "subject": delivery.subject,
            "body": delivery.body,
            "data": plain(dict(delivery.data)),
        }
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")

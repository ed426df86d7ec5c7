"""A codec that needs no program."""

from __future__ import annotations

import msgspec

from casewright.case import Case, Event, Window


class JsonCodec:
    """A codec for entities whose values are plain JSON."""

    _encode = staticmethod(msgspec.json.Encoder(order="sorted").encode)

    def dump_case(self, case: Case) -> bytes:
        return self._encode(case)

    def load_case(self, data: bytes) -> Case:
        return msgspec.json.decode(data, type=Case)

    def dump_window(self, window: Window) -> bytes:
        return self._encode(window)

    def load_window(self, data: bytes) -> Window:
        return msgspec.json.decode(data, type=Window)

    def dump_event(self, event: Event) -> bytes:
        return self._encode(event)

    def load_event(self, data: bytes) -> Event:
        return msgspec.json.decode(data, type=Event)

"""The entries of all nodes, each decoded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simulations.processes.verifier.reading import HeldEntry, NodeContents
from simulations.processes.verifier.violation import Dot
from simulations.processes.verifier.wire import FormatWrong, Header, decode_header, digest


class Entry(NamedTuple):
    """An entry as it was signed, with the payload that belongs to it."""

    header: Header
    payload: bytes

    @property
    def dot(self) -> Dot:
        """The entry's identity."""
        return self.header.dot


class Catalogue:
    """Headers by their bytes, payloads by their digests.

    A node that holds an entry with another payload than was signed holds that entry all the same, and a spoilt copy of its
    payload: what follows from the entry is judged by an intact copy, the spoilt one is a matter of law 3.
    """

    def __init__(self, nodes: Iterable[NodeContents]) -> None:
        self._headers: dict[bytes, Header | None] = {}
        self._payloads: dict[bytes, bytes] = {}
        for node in nodes:
            for held in node.entries:
                self._payloads[digest(held.payload)] = held.payload

    def header(self, held: HeldEntry) -> Header | None:
        """What the stored header says; None when it is not of the format."""
        if held.header not in self._headers:
            try:
                self._headers[held.header] = decode_header(held.header)
            except FormatWrong:
                self._headers[held.header] = None
        return self._headers[held.header]

    def entries(self, node: NodeContents) -> Sequence[Entry]:
        """The node's readable entries in the order of its log, each once. Unreadable ones are a matter of law 3."""
        found: dict[Dot, Entry] = {}
        for held in node.entries:
            header = self.header(held)
            payload = None if header is None else self._payloads.get(header.payload_digest)
            if header is not None and payload is not None:
                found.setdefault(header.dot, Entry(header, payload))
        return list(found.values())

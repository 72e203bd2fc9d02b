"""Ablations of sessions and links: what is sent, in which order, and what a frame must prove."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

from clients.terminal.node import TerminalNode
from crdt_pms.journal.entry import Entry
from crdt_pms.session import codec
from crdt_pms.session.errors import FrameMalformed, FrameOutOfOrder
from crdt_pms.session.fork_talk import ForkTalk
from crdt_pms.session.messages import Message, State
from crdt_pms.session.pace import Pace
from relay_server.node import RelayNode
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_bad_end, with_bad_lines, with_forked_journals
from simulations.ablations.patching import replacing
from simulations.world import endpoint

_read: Final = TerminalNode.read
_relay_read: Final = RelayNode.read
_LENGTH_OF_CHECKSUM: Final = 4
_LENGTH_OF_NUMBER: Final = 4
_NEVER_SECONDS: Final = 1e8


async def _read_own(node: Any, cursor: int, *bounds: int) -> tuple[list[Entry], int]:
    entries, after = await _read(node, cursor, *bounds)
    return [entry for entry in entries if _is_own(node, entry)], after


def _is_own(node: Any, entry: Entry) -> bool:
    certificate = node.certificate(entry.dot.journal)
    return certificate is not None and certificate.device_key == node.identity.device.public_bytes


async def _read_by_journal(node: Any, cursor: int, *bounds: int) -> tuple[list[Entry], int]:
    entries, after = await _read(node, cursor, *bounds)
    return sorted(entries, key=_dot), after


async def _relay_read_by_journal(node: Any, cursor: int, *bounds: int) -> tuple[list[Entry], int]:
    entries, after = await _relay_read(node, cursor, *bounds)
    return sorted(entries, key=_dot), after


async def _no_questions(_talk: Any, _state: State) -> list[Message]:
    return []


def _dot(entry: Entry) -> tuple[bytes, int]:
    return entry.dot


def _opened_unchecked(frame: object, number: int) -> bytes:
    """`codec._opened` without the checksum."""
    found = _parts(frame)[0]
    if found != number:
        raise FrameOutOfOrder(f"frame {found} came, {number} was to come")
    return _parts(frame)[1]


def _opened_unnumbered(frame: object, _number: int) -> bytes:
    """`codec._opened` without the number."""
    assert isinstance(frame, bytes)
    checksum, rest = frame[:_LENGTH_OF_CHECKSUM], frame[_LENGTH_OF_CHECKSUM:]
    if crc32(rest).to_bytes(_LENGTH_OF_CHECKSUM, "big") != checksum:
        raise FrameMalformed("the checksum of a frame is wrong")
    return _parts(frame)[1]


def _parts(frame: object) -> tuple[int, bytes]:
    """Number and body of a frame."""
    assert isinstance(frame, bytes)
    rest = frame[_LENGTH_OF_CHECKSUM:]
    return int.from_bytes(rest[:_LENGTH_OF_NUMBER], "big"), rest[_LENGTH_OF_NUMBER:]


def _never_again(_pace: Any, failures: int, _random: Any) -> float:
    return 0.0 if failures == 0 else _NEVER_SECONDS


ABLATIONS: Final = (
    Ablation(
        "fork_comparison",
        "What a neighbour says of the heads of journals is not compared with what is held (session/fork_talk.py).",
        "convergence",
        replacing((ForkTalk, "compare", _no_questions)),
        draw=with_forked_journals,
    ),
    Ablation(
        "forward_everything",
        "A terminal sends only what its own device wrote, nothing of its neighbours (clients/terminal/node.py).",
        "liveness",
        replacing((TerminalNode, "read", _read_own)),
    ),
    Ablation(
        "dependencies_first",
        "A batch is sent journal by journal instead of in the order in which its sender took it (replica/replica.py, "
        "relay_server/log.py).",
        "liveness",
        replacing((TerminalNode, "read", _read_by_journal), (RelayNode, "read", _relay_read_by_journal)),
    ),
    Ablation(
        "checksum",
        "The checksum of a frame is not looked at (session/codec.py). Of what a line damages, signatures still keep entries "
        "out; everything else is believed.",
        "intact_frames",
        replacing((codec, "_opened", _opened_unchecked)),
        draw=with_bad_lines,
    ),
    Ablation(
        "frame_numbers",
        "Frames may be lost, repeated or overtaken without anybody's noticing (session/codec.py).",
        "liveness",
        replacing((codec, "_opened", _opened_unnumbered)),
        draw=with_bad_end("loss"),
    ),
    Ablation(
        "retry",
        "A link that ended is not made again (session/pace.py).",
        "liveness",
        replacing((Pace, "pause_seconds", _never_again)),
    ),
    Ablation(
        "silence",
        "A peer that is not heard of any more is waited for (session/limits.py, `SILENCE_SECONDS_MAX`).",
        "liveness",
        replacing((endpoint, "SILENCE_MS", round(_NEVER_SECONDS * 1_000))),
    ),
)

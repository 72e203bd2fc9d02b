"""Links between nodes: sessions over WebSockets, kept up by jittered backoff, at most one for each peer device."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from typing import Final

import anyio
from anyio.abc import TaskStatus
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.uri import parse_uri

from crdt_pms.journal.errors import JournalError
from crdt_pms.journal.identifiers import DeviceId
from crdt_pms.ports.errors import StoreError
from crdt_pms.replica.errors import ReplicaBroken, ReplicaError
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.conversation import Conversation
from crdt_pms.runtime.errors import AddressInUse, OperatorError
from crdt_pms.runtime.link_status import LinkState, LinkStatus
from crdt_pms.runtime.plug import Plug
from crdt_pms.session.address import property_asked_for, session_address
from crdt_pms.session.errors import FrameMalformed, LinkExists, PeerLeft, PeerSilent, PropertyForeign, SessionError
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.limits import FRAME_BYTES_MAX
from crdt_pms.session.node import Node
from crdt_pms.session.pace import Pace
from crdt_pms.session.session import Peer, Session
from crdt_pms.session.sole_link import gives_way

logger = logging.getLogger(__name__)

OPEN_SECONDS_MAX: Final = 5.0
CLOSE_SECONDS_MAX: Final = 2.0
PROVING_SECONDS_MAX: Final = 10.0
"""How long a peer may take to prove who it is."""
STRANGERS_MAX: Final = 64
"""Accepted connections that have not proven themselves; more are closed at once."""

Connection = ClientConnection | ServerConnection
_REFUSALS: Final = (CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.MESSAGE_TOO_BIG)
"""How the WebSocket library tells a peer that what it sent is no frame of ours."""
_TROUBLES: Final = (SessionError, JournalError, StoreError, ReplicaError, ConnectionClosed)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A link that stands: which device made the connection, and the scope that ends it."""

    dialer: DeviceId
    scope: anyio.CancelScope


class Links:
    """All links of one node."""

    def __init__(
        self,
        node: Node,
        changes: ChangeSignal,
        random: Random,
        new_nonce: Callable[[], bytes],
        pace: Pace | None = None,
    ) -> None:
        """`changes` is notified of what the node may have to send, and tells screens of the links; `new_nonce` must give 32
        fresh random bytes."""
        self._node = node
        self._changes = changes
        self._random = random
        self._new_nonce = new_nonce
        self._pace = pace or Pace()
        self._standing: dict[DeviceId, _Standing] = {}
        self._standing_changed = ChangeSignal()
        self._hurried = ChangeSignal()
        self._strangers = 0
        self._names: dict[str, str] = {}
        self.statuses: list[LinkStatus] = []

    def hurry(self) -> None:
        """Try every link that pauses now."""
        self._hurried.notify()

    def is_linked(self, kind: str) -> bool:
        """Whether a link of that kind (`relay` or `peer`) is open."""
        return any(status.kind == kind and status.state is LinkState.OPEN for status in self.statuses)

    def name_of(self, device: str | None) -> str | None:
        """What a device that was linked once is called; None for others."""
        return self._names.get(device or "")

    async def serve(
        self, host: str, port: int, plug: Plug, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Accept links until cancelled. Raises AddressInUse."""

        async def accept(connection: ServerConnection) -> None:
            if not plug.is_in or self._strangers >= STRANGERS_MAX:
                connection.transport.abort()
                return
            address = ":".join(str(part) for part in connection.remote_address[:2])
            status = LinkStatus(address, "peer", "accepted")
            try:
                with plug.guarded():
                    await self._converse(connection, status, dialed=False)
            finally:
                if status in self.statuses:
                    self.statuses.remove(status)
                if not plug.is_in:
                    connection.transport.abort()

        def require_own_property(connection: ServerConnection, request: Request) -> Response | None:
            if not plug.is_in:
                return None  # A pulled cable answers nothing; `accept` ends the connection.
            return self._refusal(connection, request)

        try:
            server = await serve(
                accept, host, port, process_request=require_own_property, max_size=FRAME_BYTES_MAX, ping_interval=None,
                compression=None, close_timeout=1, open_timeout=OPEN_SECONDS_MAX,
            )  # fmt: skip
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressInUse(host, port) from error
            raise
        task_status.started()
        try:
            await anyio.sleep_forever()
        finally:
            # Linked peers are told; for a peer that does not listen any more the node does not wait.
            server.close()
            with anyio.move_on_after(CLOSE_SECONDS_MAX, shield=True):
                await server.wait_closed()
            for connection in server.connections:
                connection.transport.abort()

    async def keep_connected(self, url: str, kind: str, plug: Plug) -> None:
        """Connect to the node at `url` until cancelled, again and again. `kind` is `relay` or `peer`.

        `url` names the node, without a path. OperatorError for no address.
        """
        _require_address(url)
        status = LinkStatus(url, kind, "dialed")
        self.statuses.append(status)
        hurried = self._hurried.waiter()
        failures = 0
        while True:
            if not plug.is_in:
                status.become(LinkState.UNPLUGGED, self._node.now_ms())
                self._changes.notify()
                await plug.wait_in()
                status.attempts, failures = 0, 0
            stood_seconds = 0.0
            with plug.guarded():
                stood_seconds = await self._dial(url, status, plug)
            failures = self._pace.failures_after(failures, stood_seconds)
            if not plug.is_in:
                continue
            if status.reason == LinkExists.reason:
                await self._until_gone(status)
            status.become(LinkState.WAITING, self._node.now_ms())
            self._changes.notify()
            pause_seconds = self._pace.pause_seconds(failures, self._random)
            with plug.guarded(), anyio.move_on_after(pause_seconds):
                await hurried.wait()

    async def _dial(self, url: str, status: LinkStatus, plug: Plug) -> float:
        """Connect once. Returns how many seconds the link stood, 0 for none."""
        status.become(LinkState.CONNECTING, self._node.now_ms())
        status.attempts += 1
        try:
            connection = await connect(
                session_address(url, self._node.identity.property_id), max_size=FRAME_BYTES_MAX, ping_interval=None,
                compression=None, close_timeout=1, open_timeout=OPEN_SECONDS_MAX,
                proxy=True if url.startswith("wss:") else None,
            )  # fmt: skip
        except (OSError, TimeoutError, InvalidHandshake, EOFError) as error:
            status.reason = "unreachable"
            if isinstance(error, InvalidStatus) and error.response.status_code == HTTPStatus.NOT_FOUND:
                self._note_not_found(status)
            logger.debug("%s: %s", url, error)
            return 0.0
        began = anyio.current_time()
        try:
            await self._converse(connection, status, dialed=True)
            return anyio.current_time() - began
        finally:
            # A pulled cable sends no farewell.
            if plug.is_in:
                with anyio.CancelScope(shield=True):
                    await connection.close()
            else:
                connection.transport.abort()

    def _note_not_found(self, status: LinkStatus) -> None:
        status.reason = PropertyForeign.reason
        self._node.counters[f"links_ended_{PropertyForeign.reason}"] += 1
        logger.warning(
            "link %s: no sessions of property %s are found there. Correct that address, or the property file of one of "
            "the two nodes.",
            status.address, self._node.identity.property_id,
        )  # fmt: skip

    def _refusal(self, connection: ServerConnection, request: Request) -> Response | None:
        """404 for a caller that asks for anything but a session of this node's property, before either side says who it is."""
        own = self._node.identity.property_id
        asked = property_asked_for(request.path)
        if asked == own:
            return None
        self._node.counters[f"links_refused_{PropertyForeign.reason}"] += 1
        logger.warning("a connection asked for %.100r; sessions here are those of property %s", request.path, own)
        return connection.respond(
            HTTPStatus.NOT_FOUND,
            "No such property is found here. Sessions are at /sync/<property>: correct the address of this node, or the "
            "property file of one of the two nodes.\n",
        )

    async def _converse(self, connection: Connection, status: LinkStatus, *, dialed: bool) -> None:
        """Run a session to its end; what ends it is told to the peer, counted and logged, and harms nothing else."""
        session = Session(self._node.identity, self._new_nonce())
        conversation = Conversation(Exchange(self._node, session), self._changes, connection, status)
        try:
            await self._prove(conversation, status)
            peer = session.peer
            assert peer is not None, "proven"
            # Known from here on, also to a link that gives way to another one to the same device.
            status.kind = "relay" if peer.is_relay else "peer"
            status.peer = peer.device_id
            self._names[peer.device_id] = peer.name
            with self._sole_link(peer, dialed=dialed):
                await self._live(conversation, status)
        except BaseExceptionGroup as group:
            trouble = _first_trouble(group)
            if trouble is None:
                raise
            await self._end(conversation, status, trouble)
        except _TROUBLES as trouble:
            await self._end(conversation, status, trouble)
        finally:
            self._changes.notify()

    async def _prove(self, conversation: Conversation, status: LinkStatus) -> None:
        status.become(LinkState.PROVING, self._node.now_ms())
        self._strangers += 1
        try:
            with anyio.fail_after(PROVING_SECONDS_MAX):
                await conversation.prove()
        except TimeoutError as error:
            raise PeerSilent("the peer did not prove in time who it is") from error
        finally:
            self._strangers -= 1

    async def _live(self, conversation: Conversation, status: LinkStatus) -> None:
        status.attempts = 0
        status.reason = None
        status.become(LinkState.OPEN, self._node.now_ms())
        if status not in self.statuses:
            self.statuses.append(status)
        self._changes.notify()
        self._node.counters["links_opened"] += 1
        await conversation.run()

    async def _end(self, conversation: Conversation, status: LinkStatus, trouble: BaseException) -> None:
        if isinstance(trouble, ConnectionClosed) and _is_refusal(trouble):
            trouble = FrameMalformed(f"the connection was given up: {trouble}")
        if isinstance(trouble, ConnectionClosed):
            status.reason = "closed"
            self._node.counters["links_closed"] += 1
            return
        status.reason = str(getattr(trouble, "reason", type(trouble).__name__))
        if isinstance(trouble, PeerLeft):
            status.reason = trouble.peer_reason if trouble.peer_reason == LinkExists.reason else trouble.reason
        if not isinstance(trouble, LinkExists):
            logger.warning("link %s ended: %s: %s", status.address, status.reason, trouble)
        self._node.counters[f"links_ended_{status.reason}"] += 1
        if not isinstance(trouble, PeerLeft):
            own_fault = isinstance(trouble, StoreError | ReplicaBroken)
            await conversation.say_bye(status.reason, "this node cannot save" if own_fault else str(trouble))

    @contextmanager
    def _sole_link(self, peer: Peer, *, dialed: bool) -> Iterator[None]:
        """Keep one link to a device; `crdt_pms.session.sole_link` says which. Raises LinkExists where it is another one."""
        own = self._node.identity.device.device_id
        dialer = own if dialed else peer.device_id
        standing = self._standing.get(peer.device_id)
        if standing is not None:
            if not gives_way(standing.dialer, dialer, (own, peer.device_id)):
                raise LinkExists("the two devices are linked already")
            standing.scope.cancel("a newer link took its place")
        with anyio.CancelScope() as scope:
            mine = _Standing(dialer, scope)
            self._standing[peer.device_id] = mine
            try:
                yield
            finally:
                if self._standing.get(peer.device_id) is mine:
                    del self._standing[peer.device_id]
                self._standing_changed.notify()
        if scope.cancelled_caught:
            raise LinkExists("a newer link took its place")

    async def _until_gone(self, status: LinkStatus) -> None:
        status.become(LinkState.LINKED_OTHERWISE, self._node.now_ms())
        waiter = self._standing_changed.waiter()
        while status.peer is not None and status.peer in self._standing:
            await waiter.wait()


def _require_address(url: str) -> None:
    try:
        parsed = parse_uri(url)
    except (InvalidURI, ValueError) as error:
        raise OperatorError(
            f"{url!r} is no address of a node: {error}.", "Write one like ws://192.0.2.7:7411."
        ) from error
    if not 0 < parsed.port < 65536:
        raise OperatorError(f"{url!r} has no possible port.", "Write an address like ws://192.0.2.7:7411.")
    if parsed.resource_name != "/" or parsed.username is not None:
        raise OperatorError(
            f"The address of the node at {parsed.host!r} says more than where it is found: the path follows from the "
            "property, and there are no users.",
            "Write an address like ws://192.0.2.7:7411.",
        )


def _is_refusal(closed: ConnectionClosed) -> bool:
    """Whether this side closed the connection because what came is too large or no proper message."""
    return closed.sent is not None and closed.sent.code in _REFUSALS and not closed.rcvd_then_sent


def _first_trouble(group: BaseExceptionGroup[BaseException]) -> BaseException | None:
    """The trouble that ended a conversation's tasks; None when something else is among what was raised."""
    troubles, others = group.split(_TROUBLES)
    if others is not None or troubles is None:
        return None
    leaf: BaseException = troubles
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    return leaf

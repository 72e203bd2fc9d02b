"""Why a session ends, and whose fault it is. All are the *peer's*, and harm nothing but this one session.

- `SessionError`
    - `FrameMalformed`: not a frame of this protocol: truncated, oversized, damaged, or of the wrong fields.
    - `FrameOutOfOrder`: a frame was lost, repeated or overtaken on the way: connect anew.
    - `MessageUnexpected`: a well-formed message at the wrong time.
    - `ProtocolUnsupported`: the two programs have no protocol version in common; update the older one.
    - `PropertyForeign`: the peer belongs to another property, or has no sessions of this one at its address.
    - `PeerUntrusted`: no chain to the property's root vouches for the peer's device, or it is this device itself.
    - `PeerRemoved`: an administrator has taken the peer's device out of the property.
    - `ProofInvalid`: the peer does not hold the key that it names.
    - `OrderUnproven`: the peer names an end of the committed order that no relay of the property signed.
    - `SnapshotUnproven`: no relay of the property signed the snapshot that the peer offers.
    - `SnapshotUnusable`: what one side lacks comes only as a snapshot, and that is of no use to it.
    - `SnapshotInstalled`: no peer's fault: this node holds far more than it said when the session began, so it begins anew.
    - `WindowExceeded`: the peer sent more than it was allowed to have in flight.
    - `PeerSilent`: nothing was heard for too long.
    - `LinkExists`: no peer's fault: the two devices are linked by another connection, which stays.
    - `PeerLeft`: the peer said why it ends the session.
"""

from __future__ import annotations


class SessionError(Exception):
    """Base of what ends a session. `reason` is a stable code for counters and logs."""

    reason = "session_error"


class FrameMalformed(SessionError):
    """The bytes are no frame of this protocol."""

    reason = "frame_malformed"


class FrameOutOfOrder(SessionError):
    """Not the frame that follows the last one."""

    reason = "frame_out_of_order"


class MessageUnexpected(SessionError):
    """The message does not belong where the conversation stands."""

    reason = "message_unexpected"


class ProtocolUnsupported(SessionError):
    """There is no version that both sides speak."""

    reason = "protocol_unsupported"


class PropertyForeign(SessionError):
    """The peer belongs to another property: correct its address or its property file."""

    reason = "property_foreign"


class PeerUntrusted(SessionError):
    """No administrator of the property vouches for the device: enrol it, or find out whose it is."""

    reason = "peer_untrusted"


class PeerRemoved(SessionError):
    """The property's rows say that the device may not write any more: have an administrator activate it again."""

    reason = "peer_removed"


class ProofInvalid(SessionError):
    """The peer could not sign with the key that it claims."""

    reason = "proof_invalid"


class OrderUnproven(SessionError):
    """No relay of the property vouches for what the peer says of the committed order: find out whose device it is."""

    reason = "order_unproven"


class SnapshotUnproven(SessionError):
    """No relay of the property vouches for the snapshot: find out whose device offers it."""

    reason = "snapshot_unproven"


class SnapshotUnusable(SessionError):
    """What one side lacks comes only as a snapshot, and that is of no use to it: the words say what is to be done."""

    reason = "snapshot_unusable"


class SnapshotInstalled(SessionError):
    """This node stands on a snapshot now: the session begins anew with what is held."""

    reason = "snapshot_installed"


class WindowExceeded(SessionError):
    """The peer does not wait until its frames are taken."""

    reason = "window_exceeded"


class PeerSilent(SessionError):
    """The peer does not answer any more; the line may be dead in one direction."""

    reason = "peer_silent"


class LinkExists(SessionError):
    """The two devices are linked by another connection, which stays."""

    reason = "link_exists"


class PeerLeft(SessionError):
    """The peer ended the session and said why."""

    reason = "peer_left"

    def __init__(self, peer_reason: str, words: str) -> None:
        super().__init__(f"the peer ended the session: {peer_reason}: {words}")
        self.peer_reason = peer_reason

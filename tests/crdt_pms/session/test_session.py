"""Who is heard when: a session opens only between two proven devices of one property, and nobody is flooded."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.session.codec import decode, encode
from crdt_pms.session.errors import (
    FrameOutOfOrder,
    MessageUnexpected,
    OrderUnproven,
    PeerLeft,
    PeerRemoved,
    PeerUntrusted,
    ProofInvalid,
    PropertyForeign,
    ProtocolUnsupported,
    WindowExceeded,
)
from crdt_pms.session.limits import FRAMES_IN_FLIGHT_MAX, PROTOCOL_VERSION_MAX, PROTOCOL_VERSION_MIN, VECTOR_FRAMES_MAX
from crdt_pms.session.messages import (
    Bye,
    Certificates,
    Committed,
    Entries,
    Held,
    Hello,
    Message,
    OrderKnown,
    Ping,
    Pong,
    Proof,
    State,
    Taken,
)
from crdt_pms.session.session import Identity, Session, Stage, bye
from tests.crdt_pms.journal.journals import (
    OTHER_ROOT,
    PROPERTY_ID,
    ROOT,
    append,
    device,
    enrolled,
    journal_id,
    stranger,
    writer,
)
from tests.crdt_pms.session.conversations import (
    RELAY,
    Pair,
    at_stage,
    greeted,
    heard,
    identity,
    member,
    message_of,
    opened,
    ordered,
    pair,
    proven,
    signed_end,
    state,
)

OPEN_KINDS = (Certificates, Entries, Taken, Committed, Ping, Pong)


def test_two_devices_reach_an_open_session() -> None:
    both = opened()
    assert both.left.stage is both.right.stage is Stage.OPEN
    assert both.left.peer is not None
    assert both.left.peer.device_id == device(2).device_id
    assert not both.left.peer.is_relay


def test_the_relay_is_known_by_its_class() -> None:
    peer = opened(1, 3).left.peer
    assert peer is not None
    assert peer.is_relay


def test_the_state_says_what_the_peer_holds() -> None:
    both = proven()
    both.to_left += [both.right.order_known(signed_end(b"generation", 5), ()), state({4: 9})]
    both.hear_all()
    assert both.left.peer_vector == {journal_id(4): 9}
    assert (both.left.peer_generation, both.left.peer_through) == (b"generation", 0), "until the marks were compared"
    both.left.note_common(4)
    assert both.left.peer_through == 4


def test_a_peer_may_name_only_a_common_point_of_which_it_was_told_a_digest() -> None:
    for common, is_taken in ((0, True), (7, True), (9, True), (8, False), (2**53 - 1, False)):
        both = proven()
        both.left.order_known(None, (OrderMark(9, b"d" * 32), OrderMark(7, b"e" * 32)))
        both.to_left += [both.right.order_known(None, ()), state({}, common)]
        with nullcontext() if is_taken else pytest.raises(MessageUnexpected, match="no digest"):
            both.hear_all()
            assert both.left.peer_common == common


def test_when_the_own_order_is_cut_a_peer_is_known_to_hold_no_more_than_up_to_there() -> None:
    both = proven()
    both.left.order_known(None, (OrderMark(9, b"d" * 32),))
    both.to_left += [both.right.order_known(None, ()), state({}, 9)]
    both.hear_all()
    both.left.note_common(9)
    assert not both.left.note_cut(12)
    assert both.left.note_cut(4)
    assert (both.left.peer_common, both.left.peer_through) == (4, 4)
    assert not both.left.note_cut(6)


def test_what_a_peer_holds_may_come_in_several_frames() -> None:
    session = at_stage(Stage.AWAITING_STATE)
    heard(session, part({1: 7}))
    heard(session, part({2: 3}))
    assert session.stage is Stage.AWAITING_STATE
    last = heard(session, state({3: 1}))
    assert isinstance(last, State)
    assert session.peer_vector == last.vector == {journal_id(1): 7, journal_id(2): 3, journal_id(3): 1}
    assert last.prefixes.keys() == last.vector.keys()


def test_a_peer_that_does_not_come_to_an_end_of_what_it_holds_is_refused() -> None:
    session = at_stage(Stage.AWAITING_STATE)
    for number in range(1, VECTOR_FRAMES_MAX):
        heard(session, part({number: 1}))
    with pytest.raises(MessageUnexpected, match="more than 64 frames"):
        heard(session, part({VECTOR_FRAMES_MAX: 1}))


def part(vector: dict[int, int]) -> Held:
    """A part of what a peer holds."""
    whole = state(vector)
    return Held(whole.vector, whole.prefixes)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("kind", [Hello, Proof, OrderKnown, Held, State, *OPEN_KINDS])
def test_a_message_out_of_place_ends_the_session(stage: Stage, kind: type[Message]) -> None:
    expected = {
        Stage.AWAITING_HELLO: (Hello,),
        Stage.AWAITING_PROOF: (Proof,),
        Stage.AWAITING_ORDER: (OrderKnown,),
        Stage.AWAITING_STATE: (Held, State),
        Stage.OPEN: OPEN_KINDS,
    }
    if kind in expected[stage]:
        return
    session = at_stage(stage)
    with pytest.raises(MessageUnexpected, match=kind.__name__):
        heard(session, message_of(kind))
    assert session.stage is stage


@pytest.mark.parametrize("stage", Stage)
def test_a_farewell_is_heard_at_any_time(stage: Stage) -> None:
    with pytest.raises(PeerLeft, match="二重") as left:
        heard(at_stage(stage), bye("link_exists", "二重の接続です"))
    assert left.value.peer_reason == "link_exists"


def hello(number: int, **changes: object) -> Hello:
    return replace(Hello(PROTOCOL_VERSION_MIN, PROTOCOL_VERSION_MAX, member(number).chain, b"n" * 32), **changes)


def test_a_stranger_is_refused() -> None:
    with pytest.raises(PeerUntrusted, match="not enrolled"):
        heard(pair().left, hello(9, chain=stranger(9).chain))


def test_another_property_is_refused() -> None:
    with pytest.raises(PropertyForeign, match="mountain"):
        heard(pair().left, hello(2, chain=member(2, "mountain").chain))


@pytest.mark.parametrize(
    ("lowest", "highest"), [(PROTOCOL_VERSION_MAX + 1, PROTOCOL_VERSION_MAX + 2), (9, 9), (1, PROTOCOL_VERSION_MIN - 1)]
)
def test_without_a_common_version_the_older_program_is_to_be_updated(lowest: int, highest: int) -> None:
    with pytest.raises(ProtocolUnsupported, match="update the older one"):
        heard(pair().left, hello(2, version_min=lowest, version_max=highest))


def test_a_newer_peer_that_still_knows_our_version_is_welcome() -> None:
    session = pair().left
    heard(session, hello(2, version_max=7))
    assert session.stage is Stage.AWAITING_PROOF


def test_a_devices_own_key_mirrored_to_it_is_refused() -> None:
    session = pair().left
    with pytest.raises(PeerUntrusted, match="this one"):
        heard(session, session.hello())


def test_who_cannot_sign_with_the_named_key_is_refused() -> None:
    here = pair().left
    # Device 2 is enrolled; whoever speaks here holds only the key of device 9.
    imposter = Session(identity(9), b"i" * 32)
    heard(imposter, here.hello())
    heard(here, hello(2, nonce=b"i" * 32))
    with pytest.raises(ProofInvalid):
        heard(here, imposter.proof())
    assert here.stage is Stage.AWAITING_PROOF


def test_a_proof_of_another_session_proves_nothing() -> None:
    recorded = greeted().right.proof()
    fresh = Session(identity(1), b"f" * 32)
    heard(fresh, hello(2, nonce=b"r" * 32))
    with pytest.raises(ProofInvalid):
        heard(fresh, recorded)


def test_a_proof_reflected_to_its_speaker_proves_nothing() -> None:
    both = greeted()
    with pytest.raises(ProofInvalid):
        heard(both.left, both.left.proof())


def test_a_proof_made_of_other_versions_proves_nothing() -> None:
    both = pair()
    newer = Session(replace(identity(2), versions=(1, PROTOCOL_VERSION_MAX + 4)), b"r" * 32)
    # Somebody in between says that the peer is older than it is.
    heard(both.left, hello(2, nonce=b"r" * 32))
    heard(newer, both.left.hello())
    with pytest.raises(ProofInvalid):
        heard(both.left, newer.proof())


# Entries and what stands in flight


def entries(amount: int, number: int = 1) -> list[Entry]:
    journal = writer(number)
    return [append(journal) for _ in range(amount)]


def certificate_of(journal: JournalId) -> Certificate | None:
    return writer(int.from_bytes(journal, "big")).certificate


def test_a_certificate_goes_before_the_first_entries_of_its_journal_and_only_once() -> None:
    both = opened()
    first, second, third = entries(3)
    other = entries(1, number=2)
    both.to_right += both.left.entries([first, second], certificate_of)
    assert [type(message) for message in both.hear_all()] == [Certificates, Entries]
    both.to_right += both.left.entries([third], certificate_of)
    assert [type(message) for message in both.hear_all()] == [Entries]
    named = both.left.entries([*other], certificate_of)[0]
    assert isinstance(named, Certificates)
    assert [certificate.journal for certificate in named.certificates] == [journal_id(2)]


def test_a_certificate_is_not_sent_to_a_peer_that_holds_entries_of_its_journal() -> None:
    both = ordered()
    both.to_left.append(state({1: 2}))
    both.hear_all()
    (said,) = both.left.entries(entries(3)[2:], certificate_of)
    assert isinstance(said, Entries)


def test_the_peer_is_not_sent_what_it_said_it_holds() -> None:
    both = ordered()
    both.to_left.append(state({1: 2}))
    both.hear_all()
    written = entries(3)
    assert both.left.lacking(written) == written[2:]


def test_the_peer_is_not_sent_what_went_to_or_fro() -> None:
    both = opened()
    mine, theirs = entries(2), entries(2, number=2)
    both.to_right += both.left.entries(mine, certificate_of)
    both.to_left += both.right.entries(theirs, certificate_of)
    both.hear_all()
    for session in (both.left, both.right):
        assert session.lacking([*mine, *theirs]) == []


def fill_window(both: Pair) -> list[Message]:
    """Messages of one entry each, one more than may be in flight."""
    messages: list[Message] = []
    for entry in entries(FRAMES_IN_FLIGHT_MAX + 1):
        messages += both.left.entries([entry], lambda _journal: None)
    return messages


def test_a_sender_waits_until_its_frames_are_taken() -> None:
    both = opened()
    for entry in entries(FRAMES_IN_FLIGHT_MAX):
        assert both.left.can_send_entries()
        both.to_right += both.left.entries([entry], lambda _journal: None)
    assert not both.left.can_send_entries()
    both.hear_all()
    told = [both.right.taken() for _frame in range(FRAMES_IN_FLIGHT_MAX)]
    assert told == [None, Taken(2), None, Taken(4)]
    both.to_left.append(Taken(2))
    both.hear_all()
    assert both.left.can_send_entries()


def test_a_receiver_speaks_before_a_sender_would_have_to_wait() -> None:
    both = opened()
    for entry in entries(5 * FRAMES_IN_FLIGHT_MAX):
        assert both.left.can_send_entries()
        both.to_right += both.left.entries([entry], lambda _journal: None)
        both.hear_all()
        both.to_left += [told for told in [both.right.taken()] if told is not None]
        both.hear_all()


def test_who_does_not_wait_is_cut_off() -> None:
    both = opened()
    *allowed, excess = fill_window(both)
    for message in allowed:
        heard(both.right, message)
    with pytest.raises(WindowExceeded):
        heard(both.right, excess)


def test_taken_frames_make_room_for_as_many() -> None:
    both = opened()
    *allowed, excess = fill_window(both)
    for message in allowed:
        heard(both.right, message)
    both.right.taken()
    heard(both.right, excess)


@pytest.mark.parametrize("frames", [2, 7])
def test_more_cannot_be_taken_than_was_sent(frames: int) -> None:
    both = opened()
    both.left.entries(entries(1), certificate_of)
    with pytest.raises(MessageUnexpected, match="were sent"):
        heard(both.left, Taken(frames))


def test_what_was_taken_is_not_untaken() -> None:
    both = opened()
    both.left.entries(entries(1), certificate_of)
    heard(both.left, Taken(1))
    with pytest.raises(MessageUnexpected):
        heard(both.left, Taken(0))


# The committed order


def test_the_order_is_known_as_far_as_either_side_said() -> None:
    both = opened(1, 3)
    both.to_left.append(both.right.committed(signed_end(b"one", 4), [CommittedRun(1, journal_id(1), 1, 4)]))
    both.hear_all()
    assert (both.left.peer_generation, both.left.peer_through) == (b"one", 4)
    assert (both.right.peer_generation, both.right.peer_through) == (b"one", 4)


def test_a_new_generation_is_known_from_its_own_beginning() -> None:
    both = opened(1, 3)
    for generation, last in ((b"one", 9), (b"two", 2)):
        heard(both.left, Committed(signed_end(generation, last), (CommittedRun(1, journal_id(1), 1, last),)))
    assert (both.left.peer_generation, both.left.peer_through) == (b"two", 2)


def test_a_repeated_piece_of_the_order_takes_nothing_back() -> None:
    both = opened(1, 3)
    for last in (9, 3):
        heard(both.left, Committed(signed_end(b"one", last), (CommittedRun(1, journal_id(1), 1, last),)))
    assert both.left.peer_through == 9


UNPROVEN = [
    replace(signed_end(b"one", 4), through=2**53 - 1),
    replace(signed_end(b"one", 4), generation=b"random"),
    replace(signed_end(b"one", 4), digest=b"w" * 32),
    replace(signed_end(b"one", 4), signature=bytes(64)),
    signed_end(b"one", 4, signer=member(2)),
    signed_end(b"one", 4, signer=enrolled(77, DeviceClass.RELAY, root=OTHER_ROOT)),
    signed_end(b"one", 4, signer=member(RELAY, "lakeside")),
]


@pytest.mark.parametrize("end", UNPROVEN)
@pytest.mark.parametrize("listener", [1, RELAY])
def test_an_end_that_no_relay_signed_ends_the_session_of_whoever_says_it(end: SignedEnd, listener: int) -> None:
    both = proven(listener, 2)
    both.to_left.append(OrderKnown(end))
    with pytest.raises(OrderUnproven):
        both.hear_all()


@pytest.mark.parametrize("end", UNPROVEN)
@pytest.mark.parametrize("speaker", [2, RELAY])
def test_a_piece_of_the_order_that_no_relay_signed_ends_the_session_of_whoever_says_it(
    end: SignedEnd, speaker: int
) -> None:
    both = opened(1, speaker)
    runs = (CommittedRun(end.through, journal_id(1), 1, 1),)
    with pytest.raises(OrderUnproven):
        heard(both.left, Committed(end, runs))


def test_a_relay_speaks_for_itself_and_not_in_the_word_of_another_one() -> None:
    second = enrolled(4, DeviceClass.RELAY)
    other = signed_end(b"one", 0, signer=second)
    for speaker, is_heard in ((2, True), (RELAY, False), (4, True)):
        left, right = (
            Session(
                Identity(PROPERTY_ID, ROOT.public_bytes, second if number == 4 else member(number)),
                bytes([number]) * 32,
            )
            for number in (1, speaker)
        )
        both = Pair(left, right)
        for said in ("hello", "proof"):
            both.to_right.append(getattr(both.left, said)())
            both.to_left.append(getattr(both.right, said)())
            both.hear_all()
        both.to_left.append(OrderKnown(other))
        with nullcontext() if is_heard else pytest.raises(OrderUnproven):
            both.hear_all()


# Frames


def test_a_long_reason_still_fits_a_frame() -> None:
    assert isinstance(decode(encode(bye("r" * 500, "w" * 5_000), 1), 1), Bye)


def test_a_lost_frame_ends_the_session() -> None:
    both = opened()
    both.left.seal(Ping(1))
    with pytest.raises(FrameOutOfOrder, match="lost"):
        both.right.receive(both.left.seal(Ping(2)))


def test_a_repeated_frame_ends_the_session() -> None:
    both = opened()
    frame = both.left.seal(Ping(1))
    both.right.receive(frame)
    with pytest.raises(FrameOutOfOrder):
        both.right.receive(frame)


def test_a_frame_that_overtook_another_ends_the_session() -> None:
    both = opened()
    first, second = both.left.seal(Ping(1)), both.left.seal(Ping(2))
    with pytest.raises(FrameOutOfOrder):
        both.right.receive(second)
    assert both.right.receive(first) == Ping(1)


# Devices that were taken out of the property


def who_knows(removed: int) -> Session:
    """Device 1, which has heard that another one was taken out of the property."""
    gone = member(removed).device_id
    return Session(replace(identity(1), is_removed=lambda device: device == gone), b"l" * 32)


def test_a_removed_device_is_refused_by_whoever_knows_of_it() -> None:
    with pytest.raises(PeerRemoved, match="taken out"):
        heard(who_knows(2), hello(2))
    heard(who_knows(2), hello(4))


def test_a_device_that_is_removed_while_it_is_linked_gives_no_more_entries() -> None:
    removed: set[str] = set()
    both = opened()
    both.left._identity = replace(both.left._identity, is_removed=removed.__contains__)
    journal = writer(2)
    heard(both.left, Entries((append(journal),)))
    removed.add(member(2).device_id)
    with pytest.raises(PeerRemoved):
        heard(both.left, Entries((append(journal),)))

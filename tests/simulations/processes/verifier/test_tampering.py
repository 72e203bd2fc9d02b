"""Each tampering with a finished run is found, under the laws that it breaks and under no other."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.contents import RELAY
from simulations.checkers.violation import Violation
from simulations.checkers.witnessed import Scheduled
from simulations.processes.verifier.laws import verify
from tests.simulations.processes.verifier.finished_run import DEPOSIT_KEY, LAST_NOTE, ROOM_NOTE, Copy

DEPOSIT = f"payment:{DEPOSIT_KEY}"
COPIED_POSTING = (
    "INSERT INTO posting SELECT property_id, 'retry:' || ?, stay, folio, kind, code, amount_minor, business_date,"
    " revenue_date, reverses, reference, description FROM posting WHERE posting = ?"
)


def laws_of(found: list[Violation]) -> set[int]:
    return {violation.law for violation in found}


def nodes_of(found: list[Violation], law: int) -> set[str]:
    return {violation.node for violation in found if violation.law == law}


def test_an_entry_dropped_from_the_end_of_one_terminal(run: Copy) -> None:
    assert run.run("desk-1", "DELETE FROM entry WHERE document = ?", LAST_NOTE) == 1
    found = verify(run.record)
    assert laws_of(found) == {1, 2, 3}
    assert {violation.node for violation in found} == {"desk-1"}


def test_an_entry_dropped_from_the_middle_of_one_terminal(run: Copy) -> None:
    dropped = "DELETE FROM entry WHERE document = ? AND journal = (SELECT journal FROM entry WHERE document = ?)"
    assert run.run("desk-2", dropped, ROOM_NOTE, LAST_NOTE) == 1
    found = verify(run.record)
    assert laws_of(found) == {1, 2, 3}
    assert {violation.node for violation in found} == {"desk-2"}
    assert any("follows number" in violation.words for violation in found)
    assert any("column position" in violation.words for violation in found)


def test_an_entry_dropped_from_the_terminal_that_acknowledged_it(run: Copy) -> None:
    assert run.run("desk-3", "DELETE FROM entry WHERE document = ?", LAST_NOTE) == 1
    found = verify(run.record)
    assert laws_of(found) == {1, 2, 3}
    assert nodes_of(found, 2) == {"desk-3"}


def test_an_amount_altered_in_one_readable_table(run: Copy) -> None:
    assert run.run("desk-1", "UPDATE posting SET amount_minor = amount_minor + 1 WHERE posting = ?", DEPOSIT) == 1
    found = verify(run.record)
    assert laws_of(found) == {1, 8}
    assert any("expected -2000, found -1999" in violation.words for violation in found if violation.law == 8)
    assert any("sum of its postings" in violation.words for violation in found)


def test_an_amount_that_is_no_integer(run: Copy) -> None:
    assert run.run("desk-1", "UPDATE posting SET amount_minor = -2000.5 WHERE posting = ?", DEPOSIT) == 1
    found = verify(run.record)
    assert laws_of(found) == {1, 8}
    assert any("not an integer of minor units" in violation.words for violation in found)


def test_the_payload_bytes_of_a_posting(run: Copy) -> None:
    payload = run.ask("desk-1", "SELECT parts FROM entry WHERE instr(header, ?) LIMIT 1", DEPOSIT.encode())[0][0]
    altered = bytes(payload).replace(b"cash", b"card")
    assert altered != payload
    assert run.run("desk-3", "UPDATE entry SET parts = ? WHERE parts = ?", altered, payload) == 1
    found = verify(run.record)
    assert laws_of(found) == {3}
    assert [violation.node for violation in found] == ["desk-3"]
    assert "digests of the parts" in found[0].words


def test_the_payload_bytes_of_a_posting_on_every_node(run: Copy) -> None:
    payload = run.ask("desk-1", "SELECT parts FROM entry WHERE instr(header, ?) LIMIT 1", DEPOSIT.encode())[0][0]
    altered = bytes(payload).replace(b"cash", b"card")
    run.run_everywhere("UPDATE entry SET parts = ? WHERE parts = ?", altered, payload)
    found = verify(run.record)
    # No intact copy is left, so no entry vouches for the posting any more.
    assert laws_of(found) == {1, 3, 8}
    assert nodes_of(found, 3) == {RELAY, *run.terminals}


def test_a_conflict_hidden_everywhere(run: Copy) -> None:
    run.run_everywhere("DELETE FROM conflict WHERE matter = 'conflict_settlement' AND state = 'open'")
    found = verify(replace(run.record, scheduled=()))
    assert laws_of(found) == {5}
    assert nodes_of(found, 5) == {RELAY, *run.terminals}


def test_a_conflict_hidden_on_one_node(run: Copy) -> None:
    assert run.run("desk-1", "DELETE FROM conflict WHERE state = 'closed'") == 2
    found = verify(run.record)
    assert laws_of(found) == {1, 5}
    assert nodes_of(found, 5) == {"desk-1"}


def test_an_invented_conflict(run: Copy) -> None:
    run.run_everywhere("UPDATE conflict SET identity = 'invented' WHERE matter = 'conflict_room_status'")
    found = verify(run.record)
    assert laws_of(found) == {5}
    assert any("the entries hold no such conflict" in violation.words for violation in found)


def test_a_losing_value_that_cannot_be_read(run: Copy) -> None:
    run.run_everywhere(
        "DELETE FROM conflict_value WHERE identity IN"
        " (SELECT identity FROM conflict WHERE matter = 'conflict_terms' AND state = 'closed')"
    )
    found = verify(run.record)
    assert laws_of(found) == {5}
    assert nodes_of(found, 5) == {RELAY, *run.terminals}
    assert all("table conflict_value" in one.words and "missing here" in one.words for one in found)


def test_an_acknowledged_entry_removed_everywhere(run: Copy) -> None:
    journal, seq = run.ask("desk-1", "SELECT journal, seq FROM entry WHERE document = ?", LAST_NOTE)[0]
    before = run.ask("desk-1", "SELECT hash FROM entry WHERE journal = ? AND seq = ?", journal, seq - 1)[0][0]
    run.run_everywhere("DELETE FROM entry WHERE document = ?", LAST_NOTE)
    run.run_everywhere("DELETE FROM note WHERE document = ?", LAST_NOTE)
    run.run_everywhere("UPDATE journal SET head_seq = ?, head_hash = ? WHERE journal = ?", seq - 1, before, journal)
    found = verify(run.record)
    assert laws_of(found) == {2}
    assert nodes_of(found, 2) == {RELAY, *run.terminals}
    assert all("EditNote" in violation.words for violation in found)


def test_a_board_value_flipped(run: Copy) -> None:
    assert run.run("desk-2", "UPDATE room_status SET hk_condition = 'inspected' WHERE room = '203'") == 1
    found = verify(run.record)
    assert laws_of(found) == {1}
    assert [violation.node for violation in found] == ["desk-2"]
    assert "table room_status, row 203, column hk_condition" in found[0].words


def test_a_board_value_flipped_everywhere(run: Copy) -> None:
    run.run_everywhere("UPDATE room_status SET hk_condition = 'inspected' WHERE room = '203'")
    found = verify(run.record)
    assert laws_of(found) == {1}
    assert nodes_of(found, 1) == {RELAY, *run.terminals}


def test_a_double_booking_hidden_everywhere(run: Copy) -> None:
    run.run_everywhere("DELETE FROM alert WHERE matter = 'alert_room_double_booked'")
    found = verify(replace(run.record, scheduled=()))
    assert laws_of(found) == {7}
    assert all("stay-b and stay-c in room 202" in violation.words for violation in found)


def test_a_double_booking_hidden_on_one_node(run: Copy) -> None:
    assert run.run("desk-3", "DELETE FROM alert WHERE matter = 'alert_room_double_booked'") == 1
    found = verify(run.record)
    assert laws_of(found) == {1, 7}
    assert nodes_of(found, 7) == {"desk-3"}


def test_a_double_booking_of_nobody(run: Copy) -> None:
    run.run_everywhere("UPDATE alert SET facts = replace(facts, 'stay-c', 'stay-x')")
    found = verify(replace(run.record, scheduled=()))
    assert laws_of(found) == {7}
    assert any("no two stays hold this room together" in violation.words for violation in found)


def test_a_payment_posted_twice(run: Copy) -> None:
    run.run_everywhere(COPIED_POSTING, DEPOSIT_KEY, DEPOSIT)
    run.run_everywhere("UPDATE folio SET balance_minor = balance_minor - 2000 WHERE folio = 'stay-b/1'")
    found = verify(run.record)
    # The rows of law 1 are postings too.
    assert laws_of(found) == {1, 8}
    assert any(f"the payment key '{DEPOSIT_KEY}' posted 2 times" in violation.words for violation in found)


def test_a_balance_that_is_no_sum(run: Copy) -> None:
    assert run.run(RELAY, "UPDATE folio SET balance_minor = 0 WHERE folio = 'stay-b/1'") == 1
    found = verify(run.record)
    assert laws_of(found) == {1, 8}
    assert nodes_of(found, 8) == {RELAY}


def test_two_committed_positions_swapped(run: Copy) -> None:
    for before, after in ((3, -1), (4, 3), (-1, 4)):
        assert run.run("desk-1", "UPDATE entry SET committed = ? WHERE committed = ?", after, before) == 1
    found = verify(run.record)
    assert laws_of(found) == {3}
    assert len(found) == 2
    assert all("column committed" in violation.words for violation in found)


def test_an_entry_that_is_not_signed(run: Copy) -> None:
    run.run_everywhere("UPDATE entry SET signature = ? WHERE document = ?", bytes(64), LAST_NOTE)
    found = verify(run.record)
    assert laws_of(found) == {3}
    assert all("not signed by the device" in violation.words for violation in found)


def test_a_certificate_that_is_not_signed(run: Copy) -> None:
    assert run.run(RELAY, "UPDATE journal SET certificate_signature = ?", bytes(64)) == 3
    found = verify(run.record)
    assert laws_of(found) == {3}
    assert nodes_of(found, 3) == {RELAY}


def test_an_applied_entry_set_aside(run: Copy) -> None:
    quarantined = (
        "INSERT INTO quarantine SELECT property_id, journal, seq, 'OperationMalformed', ''"
        " FROM entry WHERE document = ?"
    )
    run.run_everywhere(quarantined, LAST_NOTE)
    found = verify(run.record)
    assert laws_of(found) == {11}


def test_a_provoked_conflict_that_never_happened(run: Copy) -> None:
    never = Scheduled("guest card at two desks", ("conflict_guest",), ("stay-a",))
    found = verify(replace(run.record, scheduled=(*run.record.scheduled, never)))
    assert laws_of(found) == {0}
    assert "guest card at two desks" in found[0].words


def test_a_provoked_conflict_about_something_else(run: Copy) -> None:
    other_room = Scheduled("board", ("conflict_room_status",), ("20",))
    assert laws_of(verify(replace(run.record, scheduled=(other_room,)))) == {0}


def test_the_text_of_a_note_changed(run: Copy) -> None:
    assert run.run("desk-3", "UPDATE note SET text = text || '!' WHERE document = ?", ROOM_NOTE) == 1
    found = verify(run.record)
    assert laws_of(found) == {1}
    assert "204: The tap drips badly.!" in found[0].words


def test_json_is_compared_by_meaning(run: Copy) -> None:
    run.run(RELAY, "UPDATE alert SET facts = replace(facts, ',', ' , '), proposal = replace(proposal, ',', ' , ')")
    assert verify(run.record) == []

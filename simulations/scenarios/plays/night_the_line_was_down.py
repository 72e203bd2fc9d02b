"""Three buildings, each with its desk, and the line between them is down for a night and a day."""

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import PostCharge
from crdt_pms.desk.actions.reservations import AmendTerms
from crdt_pms.hotel.statuses import HousekeepingCondition
from simulations.scenarios.props import audit, booked, from_the_street, here_already, reported, settled
from simulations.scenarios.script import Script

STAYS = ("hayashi", "mori", "abe", "kato")


def script() -> Script:
    """See the module."""
    play = Script(
        "night_the_line_was_down",
        "The night the line was down",
        "Main house, annex and spa wing have a desk each (desk-1, desk-2, desk-3) and nothing but the line between them. It is "
        "down from six in the evening for 24 hours. Every desk takes guests in, charges, runs its own night audit and lets "
        "guests go. When the line is back everything is there once: each night is charged once although two desks charged it, "
        "and of a booking that was changed at two desks both changes can be read.",
        desks=3,
    )
    play.act("1 14:00", 1, "suzuki", here_already("hayashi", "Naoko Hayashi", "201", until_day=2))
    play.act("1 14:10", 1, "suzuki", booked("mori", "Haruka Mori", room="203"))
    for room in ("203", "204", "205"):
        play.quietly("1 15:00", 1, "yamamoto", reported(room, HousekeepingCondition.CLEAN))
    play.show("1 17:55", "before", (1, 2, 3), stays=("hayashi", "mori"))
    play.fault("cut_node", "1 18:00", "2 18:00", 0)
    play.act("1 19:00", 1, "suzuki", CheckIn("mori"))
    play.act("1 20:30", 2, "takahashi", from_the_street("abe", "Kenji Abe", "204"))
    play.act("1 21:40", 3, "ito", from_the_street("kato", "Emi Kato", "205", nights=2))
    play.act("1 22:10", 3, "ito", PostCharge("hayashi", "restaurant", 4_800, idempotency_key="table-7"))
    play.act("1 22:15", 1, "suzuki", AmendTerms("mori", nights=2, reason="stays a day longer"))
    play.act("1 22:40", 2, "takahashi", AmendTerms("mori", nights=3, reason="her husband telephones: two days longer"))
    play.note("2 02:00", "No desk hears another; each closes the day for itself.")
    for desk, staff in ((1, "watanabe"), (2, "takahashi"), (3, "ito")):
        play.act("2 02:00", desk, staff, audit)
    play.show("2 08:00", "alone", (1, 2, 3), stays=STAYS)
    play.act("2 09:30", 1, "suzuki", settled("hayashi", "cash", "slip-1"))
    play.act("2 09:35", 1, "suzuki", CheckOut("hayashi"))
    play.act("2 10:00", 2, "takahashi", settled("abe", "card", "slip-2"))
    play.act("2 10:02", 2, "takahashi", CheckOut("abe"))
    play.agree("2 18:00")
    play.show("2 18:05", "together", (1, 2, 3), stays=STAYS)
    play.matters("2 18:05", "together", 3)
    return play

"""A desk's disk fails, and an old backup is put in its place."""

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.folio import PostCharge, PostPayment
from crdt_pms.hotel.statuses import HousekeepingCondition
from simulations.scenarios.props import booked, here_already, reported
from simulations.scenarios.script import Script

STAYS = ("hayashi", "mori")


def script() -> Script:
    """See the module."""
    play = Script(
        "restored_backup",
        "The restored backup",
        "A backup of desk-2 is made at noon; at eight its disk fails and the backup is put back. The desk comes up as it was "
        "at noon, gets what it had written since back from the others, and goes on in a history of its own: nothing is taken "
        "twice, nothing is lost, and an alert says that the device came back from an older copy.",
        desks=2,
        mesh=((1, 2),),
    )
    play.act("1 11:00", 2, "takahashi", here_already("hayashi", "Naoko Hayashi", "201", until_day=3))
    play.fault("restored_backup", "1 12:00", "1 20:00", 2)
    play.act("1 13:00", 2, "takahashi", booked("mori", "Haruka Mori", room="203"))
    play.act("1 14:00", 2, "yamamoto", reported("203", HousekeepingCondition.CLEAN))
    play.act("1 15:00", 2, "takahashi", CheckIn("mori"))
    play.act("1 18:00", 2, "takahashi", PostCharge("hayashi", "restaurant", 6_500, idempotency_key="table-2"))
    play.act("1 18:30", 2, "takahashi", PostPayment("hayashi", 6_500, "card", "slip-1", 18_500))
    play.show("1 19:55", "before", (1, 2), stays=STAYS)
    play.agree("1 20:00")
    play.show("1 20:05", "restored", (1, 2), stays=STAYS)
    play.act("1 20:10", 2, "takahashi", PostPayment("hayashi", 6_500, "card", "slip-1", 18_500))
    play.act("1 20:15", 2, "takahashi", PostCharge("mori", "minibar", 900, idempotency_key="minibar-1"))
    play.show("1 20:20", "after", (1, 2), stays=STAYS)
    play.matters("1 20:20", "after", 1)
    return play

"""Headquarters loses its database, and gets it back from the desks."""

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.folio import PostCharge
from crdt_pms.hotel.statuses import HousekeepingCondition
from simulations.scenarios.props import booked, here_already, reported
from simulations.scenarios.script import Script

STAYS = ("hayashi", "mori")


def script() -> Script:
    """See the module."""
    play = Script(
        "relay_lost_its_disk",
        "The relay lost its disk",
        "The line to headquarters is down, and in that hour the relay's disk dies, with the only database there is. The desks "
        "keep what headquarters had acknowledged. When the line is back the relay says that its database is a new one; the "
        "desks forget the old order, send everything again, and headquarters has it all.",
        desks=2,
        mesh=((1, 2),),
    )
    play.act("1 14:00", 1, "suzuki", here_already("hayashi", "Naoko Hayashi", "201", until_day=3))
    play.act("1 14:10", 2, "takahashi", booked("mori", "Haruka Mori", room="203"))
    play.act("1 15:00", 2, "yamamoto", reported("203", HousekeepingCondition.CLEAN))
    play.show_headquarters("1 18:55")
    play.show("1 18:55", "before", (1, 2), stays=STAYS)
    play.fault("cut_node", "1 19:00", "1 21:00", 0)
    play.act("1 19:30", 1, "suzuki", CheckIn("mori"))
    play.fault("lost_disk", "1 20:00", "1 20:00", 0)
    play.act("1 20:30", 2, "takahashi", PostCharge("hayashi", "minibar", 900, idempotency_key="minibar-1"))
    play.show_headquarters("1 20:40")
    play.show("1 20:40", "without", (1, 2), stays=STAYS)
    play.agree("1 21:00")
    play.show_headquarters("1 21:05")
    play.show("1 21:05", "after", (1, 2), stays=STAYS)
    play.matters("1 21:05", "after", 1)
    return play

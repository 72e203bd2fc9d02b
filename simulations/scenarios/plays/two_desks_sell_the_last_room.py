"""Two desks that cannot see each other give the last room to two guests."""

from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.moves import MoveRoom
from crdt_pms.hotel.statuses import HousekeepingCondition
from simulations.scenarios.props import from_the_street, here_already, reported, settled
from simulations.scenarios.script import Script


def script() -> Script:
    """See the module."""
    play = Script(
        "two_desks_sell_the_last_room",
        "Two desks sell the last room",
        "Three rooms, two of them taken. The desk in the annex loses its line for an hour, and both desks give room 203 to "
        "somebody who stands before them. Nobody may be turned out by a machine: one guest is shown in the room, the other "
        "without one, and an alert names both until a person acts.",
        desks=2,
        rooms=3,
    )
    play.act("1 14:00", 1, "suzuki", here_already("hayashi", "Naoko Hayashi", "201", until_day=3))
    play.act("1 14:05", 1, "suzuki", here_already("ota", "Shun Ota", "202", until_day=1))
    play.act("1 14:30", 2, "yamamoto", reported("203", HousekeepingCondition.CLEAN))
    play.fault("cut_node", "1 15:00", "1 16:00", 2)
    play.act("1 15:10", 1, "suzuki", from_the_street("abe", "Kenji Abe", "203"))
    play.act("1 15:25", 2, "takahashi", from_the_street("kato", "Emi Kato", "203"))
    play.show("1 15:30", "apart", (1, 2), stays=("abe", "kato"), rooms=("203",))
    play.agree("1 16:00")
    play.show("1 16:05", "together", (1, 2), stays=("abe", "kato"), rooms=("203",))
    play.matters("1 16:05", "together", 2)
    play.act("1 16:10", 1, "suzuki", from_the_street("ueda", "Mio Ueda", "203"), is_refused=True)
    play.note("1 16:20", "Shun Ota, who leaves today, comes down with his bags.")
    play.act("1 16:20", 1, "suzuki", settled("ota", "card", "slip-1"))
    play.act("1 16:21", 1, "suzuki", CheckOut("ota"))
    play.act("1 17:00", 2, "yamamoto", reported("202", HousekeepingCondition.CLEAN))
    play.act("1 17:05", 2, "takahashi", MoveRoom("kato", "202", "room 203 was sold twice"))
    play.show("1 17:10", "moved", (1, 2), stays=("abe", "kato"), rooms=("202", "203"))
    play.matters("1 17:10", "moved", 1)
    return play

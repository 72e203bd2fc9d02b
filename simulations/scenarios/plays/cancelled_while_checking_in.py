"""A booking is cancelled on the web while its guest stands at the desk."""

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.hotel.statuses import HousekeepingCondition
from simulations.scenarios.props import booked, reported
from simulations.scenarios.script import Script

STAYS = ("mori", "endo", "sakai")


def script() -> Script:
    """See the module."""
    play = Script(
        "cancelled_while_checking_in",
        "Cancelled while checking in",
        "The desk is cut off. Haruka Mori's office cancels her booking on the web before she checks in, Yuki Endo's wife "
        "cancels his by telephone after he has checked in; Jun Sakai's booking is cancelled too, and he does not come. A "
        "guest who stands in the house outranks any paper, older or newer: Mori and Endo stay in their rooms on every "
        "screen, with the cancellations beside them. Sakai's booking stays cancelled.",
        desks=2,
    )
    play.act("1 12:00", 2, "takahashi", booked("mori", "Haruka Mori", room="203", source="web"))
    play.act("1 12:05", 2, "takahashi", booked("sakai", "Jun Sakai", room="201", source="web"))
    play.act("1 12:10", 2, "takahashi", booked("endo", "Yuki Endo", room="206"))
    for room in ("203", "206"):
        play.act("1 13:00", 2, "yamamoto", reported(room, HousekeepingCondition.CLEAN))
    play.fault("cut_node", "1 17:00", "1 18:00", 1)
    play.cancel_online("1 17:10", "mori", "meeting called off")
    play.cancel_online("1 17:15", "sakai", "missed the train")
    play.act("1 17:30", 1, "suzuki", CheckIn("mori"))
    play.act("1 17:35", 1, "suzuki", CheckIn("endo"))
    play.act("1 17:45", 2, "takahashi", CancelStay("endo", "his wife telephones"))
    play.show("1 17:50", "apart", (1, 2), stays=STAYS)
    play.agree("1 18:00")
    play.show("1 18:05", "together", (1, 2), stays=STAYS)
    play.matters("1 18:05", "together", 2)
    return play

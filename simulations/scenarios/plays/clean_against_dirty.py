"""One room is reported clean at one desk and dirty at another."""

from crdt_pms.hotel.statuses import HousekeepingCondition
from simulations.scenarios.props import reported
from simulations.scenarios.script import Script


def script() -> Script:
    """See the module."""
    play = Script(
        "clean_against_dirty",
        "Clean against dirty",
        "Two attendants report to two desks that do not hear each other: room 203 is clean; a guest has been in it since. The "
        "newest report is shown, the other one stays readable beside it, and the next report that has seen both ends it. Room "
        "204, which both report clean, is nobody's concern.",
        desks=2,
    )
    play.act("1 10:00", 1, "yamamoto", reported("203", HousekeepingCondition.DIRTY))
    play.fault("cable_pulled", "1 11:00", "1 12:00", 2)
    play.act("1 11:10", 1, "yamamoto", reported("203", HousekeepingCondition.CLEAN))
    play.act("1 11:15", 1, "yamamoto", reported("204", HousekeepingCondition.CLEAN))
    play.act("1 11:20", 2, "nakamura", reported("204", HousekeepingCondition.CLEAN))
    play.act("1 11:40", 2, "nakamura", reported("203", HousekeepingCondition.DIRTY))
    play.show("1 11:50", "apart", (1, 2), rooms=("203", "204"))
    play.agree("1 12:00")
    play.show("1 12:05", "together", (1, 2), rooms=("203", "204"))
    play.matters("1 12:05", "together", 1)
    play.act("1 12:30", 1, "yamamoto", reported("203", HousekeepingCondition.CLEAN))
    play.show("1 12:35", "seen", (1, 2), rooms=("203", "204"))
    play.matters("1 12:35", "seen", 2)
    return play

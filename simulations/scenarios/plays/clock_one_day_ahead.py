"""A desk whose clock is a day ahead."""

from crdt_pms.desk.actions.reservations import AmendTerms
from simulations.scenarios.props import booked
from simulations.scenarios.script import Script
from simulations.world.plan import DAY_MS


def script() -> Script:
    """See the module."""
    play = Script(
        "clock_one_day_ahead",
        "A clock one day ahead",
        "Somebody set the clock of desk-2 to tomorrow. As long as it is alone it does not know. Once it has heard the others "
        "it stamps like them: where two desks change one booking afterwards, the one that was really later is shown. And an "
        "alert names the clock.",
        desks=2,
        skews_ms=(0, 0, DAY_MS),
    )
    play.fault("cut_node", "1 00:00", "1 14:00", 2)
    play.act("1 12:00", 1, "suzuki", booked("mori", "Haruka Mori", day=5))
    play.act("1 12:30", 2, "takahashi", booked("sakai", "Jun Sakai", day=5))
    play.agree("1 14:00")
    play.show("1 14:05", "heard", (1, 2), stays=("mori", "sakai"))
    play.act("1 14:10", 1, "suzuki", AmendTerms("sakai", nights=2, reason="telephones"))
    play.fault("cut_node", "1 15:00", "1 16:00", 2)
    play.act("1 15:20", 2, "takahashi", AmendTerms("mori", nights=3, reason="asks at the annex"))
    play.act("1 15:40", 1, "suzuki", AmendTerms("mori", nights=4, reason="has thought again, asks at the main desk"))
    play.agree("1 16:00")
    play.show("1 16:05", "together", (1, 2), stays=("mori", "sakai"))
    play.matters("1 16:05", "together", 1)
    return play

"""A desk on a Wi-Fi that comes and goes."""

from crdt_pms.desk.actions.folio import PostCharge, PostPayment
from simulations.scenarios.props import here_already
from simulations.scenarios.script import Script

MINUTE_MS = 60_000
DRINKS = 10


def script() -> Script:
    """See the module."""
    play = Script(
        "flapping_wifi",
        "Flapping Wi-Fi",
        "For forty minutes the Wi-Fi of desk-2 comes and goes while it sells drinks in the garden. Nobody there knows what "
        "went through, so every slip is typed in a second time, at the main desk. Everything is on the bill once.",
        desks=2,
    )
    play.act("1 14:00", 1, "suzuki", here_already("hayashi", "Naoko Hayashi", "201", until_day=3))
    play.fault("flapping", "1 15:00", "1 15:40", 2, amount=3 * MINUTE_MS, seed=4)
    for number in range(DRINKS):
        slip = PostCharge("hayashi", "restaurant", 700, idempotency_key=f"drink-{number + 1}")
        play.act(f"1 15:{3 * number + 1:02}", 2, "ito", slip)
        play.act(f"1 15:{3 * number + 2:02}", 1, "suzuki", slip)
    play.act("1 15:37", 2, "ito", PostPayment("hayashi", 700, "electronic_money", "slip-1", 12_000 + DRINKS * 700))
    play.act("1 15:38", 1, "suzuki", PostPayment("hayashi", 700, "electronic_money", "slip-1", 12_000 + DRINKS * 700))
    play.agree("1 15:40")
    play.show("1 15:45", "after", (1, 2), stays=("hayashi",))
    play.matters("1 15:45", "after", 2)
    return play

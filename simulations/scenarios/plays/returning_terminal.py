"""A terminal comes back after sixty days, with what it had not told anybody."""

from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import PostCharge
from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.reservations import AmendTerms, CancelStay
from simulations.scenarios.props import audit, booked, here_already, settled
from simulations.scenarios.script import Script

STAYS = ("hayashi", "sakai", "endo")
DAYS_AWAY = 60


def script() -> Script:
    """See the module."""
    play = Script(
        "returning_terminal",
        "The terminal that was away for sixty days",
        "The desk of the annex loses its line on the first evening, works on until the next day, is switched off and put "
        "into a store room. Meanwhile Sakai's and Endo's bookings are cancelled and Hayashi leaves. Sixty days later "
        "somebody plugs it in. Nothing that ended comes back: what it had written about them is history. The minibar that it "
        "had charged is money and is not lost: it is on the bill, and an alert says so.",
        desks=3,
        mesh=((1, 2),),
    )
    play.act("1 14:00", 1, "suzuki", here_already("hayashi", "Naoko Hayashi", "201", until_day=3))
    play.act("1 14:10", 1, "suzuki", booked("sakai", "Jun Sakai", day=5, nights=2))
    play.act("1 14:15", 1, "suzuki", booked("endo", "Yuki Endo", day=6))
    play.fault("cut_node", "1 18:00", f"{DAYS_AWAY + 2} 09:00", 3)
    play.act("1 18:35", 3, "ito", AmendTerms("endo", nights=3, reason="asks for two nights more"))
    play.act("1 19:00", 3, "ito", PostCharge("hayashi", "minibar", 600, idempotency_key="minibar-1"))
    play.fault("switched_off", "2 15:00", f"{DAYS_AWAY + 2} 09:00", 3)
    play.act("2 11:00", 2, "takahashi", CancelStay("sakai", "illness"))
    play.act("2 11:30", 1, "suzuki", CancelStay("endo", "found another hotel"))
    play.note("2 13:00", "The annex has not heard of it.")
    play.act("2 13:00", 3, "ito", AssignRoom("sakai", "205"))
    play.show("2 13:05", "before", (1, 3), stays=STAYS, rooms=("205",))
    for day in range(2, DAYS_AWAY + 3):
        play.quietly(f"{day} 02:00", 1, "watanabe", audit)
    play.act("3 10:00", 1, "suzuki", settled("hayashi", "card", "slip-1"))
    play.act("3 10:01", 1, "suzuki", CheckOut("hayashi"))
    play.note("4 02:00", "desk-1 runs the night audit every night. The annex is not missed.")
    play.agree(f"{DAYS_AWAY + 2} 09:00")
    play.show(f"{DAYS_AWAY + 2} 09:05", "after", (1, 2, 3), stays=STAYS, rooms=("205",))
    play.matters(f"{DAYS_AWAY + 2} 09:05", "after", 3)
    return play

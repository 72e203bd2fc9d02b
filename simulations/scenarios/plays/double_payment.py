"""One bill is settled at two desks, and one card slip is sent twice."""

from crdt_pms.desk.actions.folio import PostCharge, PostPayment, PostRefund, SettleFolio
from crdt_pms.ledger.matters import Matter
from simulations.scenarios.props import chosen, here_already
from simulations.scenarios.script import Script


def script() -> Script:
    """See the module."""
    play = Script(
        "double_payment",
        "Double payment",
        "Husband and wife each settle the bill of room 201, at two desks that do not hear each other: the house has the money "
        "twice, and no rule may pretend otherwise. Both payments stand, and the settlement is open until a manager decides and "
        "gives one back. In room 202 a card slip is typed in again at the other desk because nobody knows whether it went "
        "through: the slip has a number, and is posted once.",
        desks=2,
    )
    play.act("1 14:00", 1, "suzuki", here_already("hayashi", "Naoko Hayashi", "201", until_day=2))
    play.act("1 14:05", 1, "suzuki", here_already("ota", "Shun Ota", "202", until_day=2))
    play.act("1 19:00", 2, "takahashi", PostCharge("hayashi", "restaurant", 8_000, idempotency_key="table-3"))
    play.act("1 19:10", 2, "takahashi", PostCharge("ota", "restaurant", 5_000, idempotency_key="table-4"))
    play.fault("cut_node", "1 20:00", "1 21:00", 2)
    play.act("1 20:10", 1, "suzuki", SettleFolio("hayashi", "card", "slip-11", 20_000))
    play.act("1 20:20", 2, "takahashi", SettleFolio("hayashi", "cash", "slip-12", 20_000))
    play.act("1 20:30", 1, "suzuki", PostPayment("ota", 5_000, "card", "slip-13", 17_000))
    play.act("1 20:40", 2, "takahashi", PostPayment("ota", 5_000, "card", "slip-13", 17_000))
    play.show("1 20:50", "apart", (1, 2), stays=("hayashi", "ota"))
    play.agree("1 21:00")
    play.show("1 21:05", "together", (1, 2), stays=("hayashi", "ota"))
    play.matters("1 21:05", "together", 1)
    play.act("1 21:10", 2, "ito", PostPayment("ota", 5_000, "card", "slip-13", 17_000))
    play.act("1 21:12", 2, "ito", SettleFolio("hayashi", "cash", "slip-14", -20_000), is_refused=True)
    decision = chosen(Matter.CONFLICT_SETTLEMENT, "the card was charged first", by="suzuki")
    play.act("1 21:20", 1, "sato", decision)
    play.act("1 21:25", 1, "sato", PostRefund("hayashi", 20_000, "cash", "paid twice", "slip-15", -20_000))
    play.show("1 21:30", "decided", (1, 2), stays=("hayashi", "ota"))
    play.matters("1 21:30", "decided", 2)
    return play

"""Who works in a simulated hotel: staff at its terminals, the manager, and other systems at the relay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.property_file import PropertyDefinition
from relay_server.idempotency import Answer, RequestKey
from relay_server.origin_desk import Change, OriginDesk
from simulations.workloads.booking import Booking
from simulations.world.plan import START_MS, WorkKind, WorldPlan
from simulations.world.relay import Asking, Relay
from simulations.world.staff import HotelDays, Staff
from simulations.world.terminal import Terminal
from simulations.world.versions import NEXT
from simulations.world.work import next_version
from simulations.world.work.administration import NEW_STAFF
from simulations.world.work.mix import ActionMix
from simulations.world.work.origins import OriginRequest, Origins, Seen

ATTEMPTS_MAX: Final = 4
PATIENCE_MS: Final = 5_000
"""How often another system asks for one thing until it is answered, and how long it waits for that."""
NEXT_VERSION_SHARE: Final = 0.25
"""How often the staff at an updated desk does what only the next version can."""
NEWCOMERS_SHARE: Final = 0.05
"""How often it is somebody who began to work here during the world, or is about to."""


class People:
    """See the module. What somebody does follows from the seed of the work and from what the screen shows."""

    def __init__(self, bookings: Sequence[Booking], plan: WorldPlan, definition: PropertyDefinition) -> None:
        mix = ActionMix.draw(Random(f"{plan.mix_seed}/mix"))
        by_phone, on_the_web = list(bookings[::2]), list(bookings[1::2])
        self._staff = Staff(by_phone, mix, HotelDays(START_MS, plan.property.day_ms))
        self._origins = Origins(on_the_web)
        self._members = [member.staff_id for member in definition.staff]
        self._managers = [member.staff_id for member in definition.staff if member.role == "manager"]

    def work(self, random: Random, terminal: Terminal, kind: WorkKind) -> None:
        """Let somebody do one thing at a terminal."""
        is_manager = kind is WorkKind.MANAGER
        members = self._managers if is_manager else self._members
        who = members[random.randrange(len(members))]
        if not is_manager and random.random() < NEWCOMERS_SHARE:
            who = NEW_STAFF[random.randrange(len(NEW_STAFF))]

        def choose(view: DeskView, now_ms: int, terminal: Terminal) -> Action | None:
            if view.definition.member(who) is None:
                return None
            if is_manager:
                return self._staff.attend(random, view, now_ms, who, desk=terminal.name)
            if terminal.program is NEXT and random.random() < NEXT_VERSION_SHARE:
                return next_version.choose(random, view)
            read = terminal.node.replica.note_text
            return self._staff.choose(
                random, view, now_ms, who, desk=terminal.name, read_note=read, note_form=terminal.note_form
            )

        terminal.act(choose, who)

    def hand_over(self, random: Random, terminal: Terminal) -> None:
        """Let somebody begin a shift at a terminal."""
        who = self._members[random.randrange(len(self._members))]

        def choose(view: DeskView, now_ms: int, terminal: Terminal) -> Action | None:
            read = terminal.node.replica.note_text
            return self._staff.hand_over(random, view, now_ms, who, desk=terminal.name, read_note=read)

        terminal.act(choose, who)

    def crowd(self, random: Random, terminal: Terminal) -> None:
        """Let somebody change the stay that everybody works on."""
        who = self._members[random.randrange(len(self._members))]

        def choose(view: DeskView, now_ms: int, terminal: Terminal) -> Action | None:
            return self._staff.crowd(random, view, now_ms, who, desk=terminal.name, note_form=terminal.note_form)

        terminal.act(choose, who)

    def request(self, random: Random, relay: Relay) -> None:
        """Let another system ask the relay for something."""
        relay.when_awake(lambda: relay.within(lambda: self._request(random, relay)))

    def _request(self, random: Random, relay: Relay) -> None:
        request = self._origins.choose(random, relay.process.projecting.projection.view())
        if request is None:
            relay.around.count("idle")
            return
        self._ask(request, relay, ATTEMPTS_MAX)

    def _ask(self, request: OriginRequest, relay: Relay, attempts: int) -> None:
        """Ask, and after a while again what was not answered: nobody knows whether it was done."""
        answer = relay.ask(_asking(request))
        if answer is None:
            if attempts > 1:
                relay.around.time.after(PATIENCE_MS, lambda: self._ask(request, relay, attempts - 1))
        elif answer.etag:
            stay, _dot, guest = answer.etag.strip('"').partition(".")
            self._origins.answered(replace(request, stay=json.loads(answer.body)["stay"]), Seen(stay, guest))


def _asking(request: OriginRequest) -> Asking:
    key = RequestKey(request.origin, request.key, request.fingerprint)

    def ask(desk: OriginDesk) -> Answer:
        if request.creates is not None:
            return desk.create(request.origin, request.creates, key)
        return desk.change(request.origin, Change(request.stay, request.etags, request.actions), key)

    creates = None if request.creates is None else request.creates.stay
    return Asking(_told(request), request.origin, ask, request.forms, key, creates)


def _told(request: OriginRequest) -> str:
    verb = "creates" if request.creates is not None else "cancels" if request.cancels is not None else "changes"
    return f"{verb} {request.stay}"

"""What people do with forms that were filled in before."""

from __future__ import annotations

from random import Random

from crdt_pms.desk.actions.moves import UnassignRoom
from simulations.world.work.forms import send_elsewhere, send_put_aside
from simulations.world.work.memory import Memory
from simulations.world.work.scene import HotelDays, Scene
from tests.crdt_pms.desk.desks import Terminal

FORM = UnassignRoom("sato", "what desk-1 showed")


def scene_at(desk: str, memory: Memory) -> Scene:
    return Scene(Random(1), Terminal().reserve().view, 0, desk, 0.0, memory, HotelDays(0))


def test_a_form_that_was_put_aside_is_sent_at_its_desk_or_carried_to_another_one_once() -> None:
    memory = Memory(())
    memory.put_aside.keep("desk-1", FORM)
    assert send_put_aside(scene_at("desk-2", memory)) is None
    assert send_elsewhere(scene_at("desk-1", memory)) is None
    assert send_elsewhere(scene_at("desk-2", memory)) is FORM
    assert send_put_aside(scene_at("desk-1", memory)) is None

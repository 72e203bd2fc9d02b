"""What people do with forms besides filling them in: put them aside and send them late, at another desk, or twice."""

from __future__ import annotations

from typing import Final

from crdt_pms.desk.actions.action import Action
from simulations.world.work.scene import Scene

PUT_ASIDE_SHARE: Final = 0.04


def put_aside(scene: Scene, action: Action) -> bool:
    """Whether somebody was called away and left the form at the desk as it is, to be sent later."""
    if not scene.chance(PUT_ASIDE_SHARE):
        return False
    scene.memory.put_aside.keep(scene.desk, action)
    return True


def send_put_aside(scene: Scene) -> Action | None:
    """Send the form that was left at this desk, whatever has happened since."""
    return scene.memory.put_aside.take(scene.desk)


def send_elsewhere(scene: Scene) -> Action | None:
    """Take a form that was left at another desk, with what that desk showed, and send it at this one."""
    desks = sorted(desk for desk in scene.memory.put_aside.keys if desk != scene.desk)
    return scene.memory.put_aside.take(scene.one_of(desks)) if desks else None


def send_twice(scene: Scene) -> Action | None:
    """Press the button again, because nothing seemed to happen."""
    return scene.memory.done.get(scene.desk)


OF_FORMS: Final = (send_put_aside, send_elsewhere, send_twice)
"""Activities that send a form which was filled in before."""

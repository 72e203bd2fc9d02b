"""Asynchronous calls in virtual time: run at once, or in pieces where something has to be waited for."""

from __future__ import annotations

import pytest

from simulations.world.driving import Errand, Turnstile, now


async def through(turnstiles: list[Turnstile], words: list[str]) -> str:
    for number, turnstile in enumerate(turnstiles):
        words.append(f"waits at {number}")
        await turnstile
    return "is through"


async def straight() -> str:
    return await through([], [])


def test_what_has_everything_at_hand_is_done_at_once() -> None:
    assert now(straight()) == "is through"
    told: list[str] = []
    Errand(straight(), told.append).run(lambda: told.append("goes on"))
    assert told == ["is through"]


def test_what_waits_where_nothing_may_wait_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="a simulated node waited"):
        now(through([Turnstile()], []))


def test_an_errand_goes_on_when_it_is_let_through() -> None:
    told: list[str] = []
    turnstiles = [Turnstile(), Turnstile()]
    errand = Errand(through(turnstiles, told), told.append)

    def go_on() -> None:
        errand.run(go_on)

    go_on()
    assert told == ["waits at 0"]
    turnstiles[1].let_through()
    assert told == ["waits at 0"]
    turnstiles[0].let_through()
    assert told == ["waits at 0", "waits at 1"]
    turnstiles[1].let_through()
    assert told[2:] == ["is through"]
    turnstiles[1].let_through()
    assert told[3:] == []


def test_whoever_comes_first_goes_first_and_who_waits_again_waits_for_the_next_time() -> None:
    told: list[str] = []
    turnstile = Turnstile()
    for name in ("one", "two"):
        turnstile.stop(lambda name=name: (told.append(name), turnstile.stop(lambda: told.append(f"{name} again")))[0])
    turnstile.let_through()
    assert told == ["one", "two"]
    turnstile.let_through()
    assert told == ["one", "two", "one again", "two again"]

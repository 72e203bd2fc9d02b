"""Takes parts of the product out for a while, so that the product itself needs no switches for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from simulations.ablations.ablation import Patch

Change = tuple[object, str, object]
"""An object, class or module; the name of one of its own attributes; what stands there instead."""


@contextmanager
def replaced(*changes: Change) -> Iterator[None]:
    """Let other values stand in these attributes. AttributeError for one that its owner itself does not have.

    Whatever happens meanwhile, the former values are back afterwards.
    """
    former: list[Change] = []
    try:
        for owner, name, value in changes:
            if name not in vars(owner):
                raise AttributeError(
                    f"{owner!r} has no {name} of its own: the product has changed, the ablation must follow"
                )
            former.append((owner, name, vars(owner)[name]))
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in reversed(former):
            setattr(owner, name, value)


def replacing(*changes: Change) -> Patch:
    """A patch that makes these changes."""
    return partial(replaced, *changes)

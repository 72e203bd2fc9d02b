"""Whose stays they are: the guest that each stay shows, both ways."""

from __future__ import annotations

from collections.abc import Collection


class GuestIndex:
    """The guests of the stays in memory."""

    def __init__(self) -> None:
        self._guest_of: dict[str, str] = {}
        self._stays_of: dict[str, set[str]] = {}

    def set_guest(self, stay: str, guest: str) -> None:
        """Take over the guest that a stay shows."""
        if self._guest_of.get(stay) != guest:
            self.forget(stay)
            self._guest_of[stay] = guest
            self._stays_of.setdefault(guest, set()).add(stay)

    def stays_of(self, guest: str) -> Collection[str]:
        """The stays that show this guest."""
        return self._stays_of.get(guest, ())

    def forget(self, stay: str) -> str | None:
        """Put away what is known of a stay; returns its guest."""
        guest = self._guest_of.pop(stay, None)
        if guest is not None:
            stays = self._stays_of[guest]
            stays.discard(stay)
            if not stays:
                del self._stays_of[guest]
        return guest

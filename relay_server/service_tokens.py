"""Service tokens: who calls the HTTP API, for which property, and thereby as which origin system."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, NamedTuple

from crdt_pms.ledger.policies import HOTEL_PMS, ORIGINS
from crdt_pms.runtime.errors import SettingsError
from relay_server.limits import SERVICE_TOKEN_CHARACTERS_MIN

VARIABLE: Final = "CRDT_PMS_SERVICE_TOKENS"
OTHER_SYSTEMS: Final = tuple(origin for origin in ORIGINS if origin != HOTEL_PMS)


class Caller(NamedTuple):
    """What a token stands for: a system, at one property and no other."""

    property_id: str
    origin: str


class ServiceTokens:
    """The known tokens, as digests. The caller must not log a token, known or not."""

    def __init__(self, callers: Mapping[str, Caller]) -> None:
        """`callers` maps each token to what it stands for."""
        self._digests = [(hashlib.sha256(token.encode()).digest(), caller) for token, caller in callers.items()]

    @classmethod
    def parse(cls, text: str) -> ServiceTokens:
        """Read `token:property/system,token:property/system`.

        Raises SettingsError that says which part is wrong, never the token.
        """
        callers: dict[str, Caller] = {}
        for number, part in enumerate(filter(None, (part.strip() for part in text.split(","))), 1):
            token, _, scope = part.rpartition(":")
            property_id, _, origin = scope.partition("/")
            if not token or not property_id or origin not in OTHER_SYSTEMS:
                raise SettingsError(
                    f"{VARIABLE}: entry {number} names no property and system that may write there.",
                    f"Write token:property/system, where system is one of {', '.join(OTHER_SYSTEMS)}.",
                )
            if len(token) < SERVICE_TOKEN_CHARACTERS_MIN or not token.isascii() or token in callers:
                raise SettingsError(
                    f"{VARIABLE}: the token of entry {number} is too short, not plain ASCII, or given twice.",
                    f"Use a random token of at least {SERVICE_TOKEN_CHARACTERS_MIN} characters for each system and property.",
                )
            callers[token] = Caller(property_id, origin)
        return cls(callers)

    @property
    def properties(self) -> frozenset[str]:
        """The properties for which there is any token."""
        return frozenset(caller.property_id for _, caller in self._digests)

    def caller(self, token: str) -> Caller | None:
        """What the token stands for. Takes the same time whichever token is wrong, and where."""
        digest = hashlib.sha256(token.encode()).digest()
        found: Caller | None = None
        for known, caller in self._digests:
            if hmac.compare_digest(known, digest):
                found = caller
        return found

"""Service tokens: who calls the HTTP API, and thereby as which origin system."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from crdt_pms.ledger.policies import HOTEL_PMS, ORIGINS
from crdt_pms.runtime.errors import SettingsError
from relay_server.limits import SERVICE_TOKEN_CHARACTERS_MIN

VARIABLE: Final = "CRDT_PMS_SERVICE_TOKENS"
OTHER_SYSTEMS: Final = tuple(origin for origin in ORIGINS if origin != HOTEL_PMS)


class ServiceTokens:
    """The known tokens, as digests. The caller must not log a token, known or not."""

    def __init__(self, origins: Mapping[str, str]) -> None:
        """`origins` maps each token to its origin system."""
        self._digests = [(hashlib.sha256(token.encode()).digest(), origin) for token, origin in origins.items()]

    @classmethod
    def parse(cls, text: str) -> ServiceTokens:
        """Read `token:origin,token:origin`. Raises SettingsError that says which part is wrong, never the token."""
        origins: dict[str, str] = {}
        for number, part in enumerate(filter(None, (part.strip() for part in text.split(","))), 1):
            token, separator, origin = part.rpartition(":")
            if not separator or origin not in OTHER_SYSTEMS:
                raise SettingsError(
                    f"{VARIABLE}: entry {number} names no system that may write here.",
                    f"Write token:system, where system is one of {', '.join(OTHER_SYSTEMS)}.",
                )
            if len(token) < SERVICE_TOKEN_CHARACTERS_MIN or not token.isascii() or token in origins:
                raise SettingsError(
                    f"{VARIABLE}: the token of entry {number} is too short, not plain ASCII, or given twice.",
                    f"Use a random token of at least {SERVICE_TOKEN_CHARACTERS_MIN} characters for each system.",
                )
            origins[token] = origin
        return cls(origins)

    def origin_of(self, token: str) -> str | None:
        """The origin system that the token stands for. Takes the same time whichever token is wrong, and where."""
        digest = hashlib.sha256(token.encode()).digest()
        found: str | None = None
        for known, origin in self._digests:
            if hmac.compare_digest(known, digest):
                found = origin
        return found

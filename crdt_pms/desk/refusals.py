"""Why an action is refused: a code, the reason in Japanese and English words, and what to do instead.

A refusal is always the fault of the request as seen from the author's terminal, never of the program, and nothing was
written.
"""

from collections.abc import Mapping
from types import MappingProxyType

from crdt_pms.desk.refusal_codes import RefusalCode
from crdt_pms.desk.refusal_words import REFUSAL_WORDS
from crdt_pms.hotel.words import Words

__all__ = ["Parameter", "RefusalCode", "Refused"]

Parameter = str | int | Words
"""What a refusal's words can be about."""


class Refused(Exception):
    """An action that the desk does not take. `code` for programs, the messages for people."""

    def __init__(self, code: RefusalCode, /, **parameters: Parameter) -> None:
        self.code = code
        self.parameters: Mapping[str, Parameter] = MappingProxyType(parameters)
        super().__init__(f"{code}: {self.message_en} {self.advice_en}")

    @property
    def message_ja(self) -> str:
        """The reason in Japanese."""
        return self._said(REFUSAL_WORDS[self.code].reason, "ja")

    @property
    def message_en(self) -> str:
        """The reason in English."""
        return self._said(REFUSAL_WORDS[self.code].reason, "en")

    @property
    def advice_ja(self) -> str:
        """What to do, in Japanese."""
        return self._said(REFUSAL_WORDS[self.code].advice, "ja")

    @property
    def advice_en(self) -> str:
        """What to do, in English."""
        return self._said(REFUSAL_WORDS[self.code].advice, "en")

    def _said(self, template: Words, language: str) -> str:
        said = {
            name: value.said(language) if isinstance(value, Words) else value for name, value in self.parameters.items()
        }
        return template.said(language).format(**said)

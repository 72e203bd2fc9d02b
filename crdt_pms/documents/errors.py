"""What a document refuses.

- `DocumentError`
    - `UpdateRefused` (the sender's fault): bytes that are no update of one of our documents; the entry is quarantined.
    - `DocumentCorrupt` (ours): what was stored does not load; never taken for an empty document.
    - `TextTooLong`, `CardNumberRefused` (the person's): a note is not written; shorten it, or leave the number out.
    - `EditUndone` (another device's): it has deleted what this process run was yet to write.
    - `BoardWriteRefused` (the person's, or the property's rooms): no reader would take the value; nothing is written.
"""

from __future__ import annotations


class DocumentError(Exception):
    """Base of every refusal of a document."""


class UpdateRefused(DocumentError):
    """The update is malformed, too large, says what its entry does not, or holds what our documents never hold."""


class DocumentCorrupt(DocumentError):
    """The stored state of a document does not load. Keep the database and start the repair."""


class TextTooLong(DocumentError):
    """The text would exceed `NOTE_CHARACTERS_MAX`. Nothing was written: shorten it or begin another note."""


class CardNumberRefused(DocumentError):
    """The text holds what looks like a payment card number. Nothing was written, since history keeps what is: leave it out."""


class EditUndone(DocumentError):
    """Another device has deleted beforehand what this client id writes. Drop the document and write under another client id."""


class BoardWriteRefused(DocumentError):
    """No reader could make sense of this room, field, value or author. Nothing was written: shorten or rename it."""


def is_panic(error: BaseException) -> bool:
    """Whether the library broke off within itself. Its panics cross as a BaseException of a class that cannot be imported."""
    return type(error).__module__ == "pyo3_runtime"

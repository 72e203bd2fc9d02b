"""What can be wrong with a journal, and whose fault it is.

All of these are the *author's* or the *sender's* fault, never the reader's: what raised them must not be stored, applied or
forwarded, and the session that brought it ends. Nothing else is harmed.

- `JournalError`
    - `CertificateRefused`: the certificate of a journal is malformed, wrongly signed or for another property.
    - `EntryMalformed`: the bytes are no entry.
    - `SignatureInvalid`: the last entry of a range does not carry the device's signature.
    - `ChainBroken`: an entry does not follow the one before it.
    - `Equivocation`: one journal shows two different entries under one number.
    - `ContextMissing`: an entry came before what its author had seen.
    - `JournalUnknown`: an entry of a journal whose certificate is not known.
"""

from __future__ import annotations


class JournalError(Exception):
    """Base of every refusal of a certificate or an entry. `reason` is a stable code for counters and logs."""

    reason = "journal_error"


class CertificateRefused(JournalError):
    """The certificate is not acceptable; ask the device to present one that its enrolled key signed."""

    reason = "certificate_refused"


class EntryMalformed(JournalError):
    """The bytes do not decode to an entry of this format."""

    reason = "entry_malformed"


class SignatureInvalid(JournalError):
    """The signature does not verify against the key in the journal's certificate."""

    reason = "signature_invalid"


class ChainBroken(JournalError):
    """The entry's number or previous hash does not continue the held journal."""

    reason = "chain_broken"


class Equivocation(JournalError):
    """Two different entries carry one journal and number: the device, or someone with its key, wrote history twice."""

    reason = "equivocation"


class ContextMissing(JournalError):
    """The sender handed over an entry before the entries that its author had seen."""

    reason = "context_missing"


class JournalUnknown(JournalError):
    """The sender handed over an entry before the certificate of its journal."""

    reason = "journal_unknown"

"""What can be wrong with a journal, and whose fault it is.

All of these are the *author's* or the *sender's* fault, never the reader's: what raised them must not be stored, applied or
forwarded, and the session that brought it ends. Nothing else is harmed.

- `JournalError`
    - `CertificateRefused`: the certificate of a journal is malformed, wrongly signed or for another property.
    - `EntryMalformed`: the bytes are no entry.
    - `SignatureInvalid`: the last entry of a range does not carry the device's signature.
    - `ChainBroken`: an entry does not follow the one before it.
    - `JournalForked`: a journal goes on here otherwise than at the sender: two entries claim one number.
    - `ForkUnproven`: what was shown as a fork of a journal is none.
    - `ContextMissing`: an entry came before what its author had seen.
    - `JournalUnknown`: an entry of a journal whose certificate is not known.
    - `CommittedUnknown`: a piece of the committed order does not lead from what is known, over entries that are held, to
      the end that the relay signed.
"""

from __future__ import annotations

from crdt_pms.journal.identifiers import Dot, JournalId


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


class JournalForked(JournalError):
    """Two different entries carry one number: the device, or a copy of it, wrote history twice.

    The sender need not be the one at fault. `seq` is a number at which the two differ; the first such may be lower.
    """

    reason = "journal_forked"

    def __init__(self, journal: JournalId, seq: int) -> None:
        super().__init__(f"entry {Dot(journal, seq)} differs from the one held under that number")
        self.journal = journal
        self.seq = seq


class ForkUnproven(JournalError):
    """The two branches that were shown do not fork one journal, or are not signed by its device."""

    reason = "fork_unproven"


class ContextMissing(JournalError):
    """The sender handed over an entry before the entries that its author had seen."""

    reason = "context_missing"


class JournalUnknown(JournalError):
    """The sender handed over an entry before the certificate of its journal."""

    reason = "journal_unknown"


class CommittedUnknown(JournalError):
    """A piece of the order does not fit, or came before the entries it orders: end the session and begin anew."""

    reason = "committed_unknown"

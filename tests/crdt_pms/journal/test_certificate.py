"""A journal is opened by the device's key alone, and names the head it follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from tests.crdt_pms.journal.journals import PROPERTY_ID, append, device, enrolled, journal_id, writer


def test_a_certificate_survives_the_wire() -> None:
    journal = writer(1)
    append(journal)
    certificate = Certificate.create(journal_id(2), enrolled(1), journal.head, Stamp(5, 1))
    assert Certificate.decode(certificate.encoded, certificate.signature) == certificate
    assert certificate.previous == journal.head
    assert certificate.device_id == device(1).device_id
    assert certificate.property_id == PROPERTY_ID


def test_a_certificate_signed_by_another_key_is_refused() -> None:
    ours, theirs = writer(1).certificate, writer(2).certificate
    with pytest.raises(CertificateRefused):
        Certificate.decode(ours.encoded, theirs.signature)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_certificate(data: bytes) -> None:
    with pytest.raises(CertificateRefused):
        Certificate.decode(data, b"\0" * 64)

"""A device belongs to a property by a chain of signatures up to its root, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.limits import (
    CERTIFICATE_BYTES_MAX,
    CHAIN_BYTES_MAX,
    CHAIN_LENGTH_MAX,
    DEVICE_CERTIFICATE_BYTES_MAX,
    DEVICE_NAME_CHARACTERS_MAX,
    PROPERTY_ID_CHARACTERS_MAX,
    SEQ_MAX,
    STAMP_COUNTER_MAX,
)
from crdt_pms.journal.trust import Chain, DeviceCertificate, DeviceClass, EnrolledDevice, found_property
from crdt_pms.journal.wire import pack, unpack_any_array
from tests.crdt_pms.journal.journals import (
    OTHER_ROOT,
    PROPERTY_ID,
    ROOT,
    administrator,
    append,
    device,
    enrolled,
    journal_id,
    stranger,
    writer,
)

LATEST = Stamp(SEQ_MAX, STAMP_COUNTER_MAX)


def chain_of_length(length: int, character: str = "a") -> EnrolledDevice:
    """An administrator with that many certificates above and including its own, every text as long as can be."""
    property_id, name = character * PROPERTY_ID_CHARACTERS_MAX, character * DEVICE_NAME_CHARACTERS_MAX
    made = found_property(ROOT, property_id, device(100), name, LATEST)
    for number in range(101, 100 + length):
        key = device(number)
        made = EnrolledDevice(key, made.enrol(key.public_bytes, DeviceClass.ADMINISTRATOR, name, LATEST))
    return made


def test_a_device_is_vouched_for_up_to_the_root() -> None:
    chain = enrolled(1).chain
    assert Chain.decode(chain.encoded) == chain
    assert (chain.device_key, chain.device_class) == (device(1).public_bytes, DeviceClass.TERMINAL)
    assert chain.root_key == ROOT.public_bytes
    chain.require_of(PROPERTY_ID, ROOT.public_bytes)


def test_a_chain_to_another_root_or_of_another_property_is_refused() -> None:
    with pytest.raises(CertificateRefused, match="another root"):
        stranger(1).chain.require_of(PROPERTY_ID, ROOT.public_bytes)
    with pytest.raises(CertificateRefused, match="mountain"):
        enrolled(1, property_id="mountain").chain.require_of(PROPERTY_ID, ROOT.public_bytes)


@pytest.mark.parametrize("device_class", [DeviceClass.TERMINAL, DeviceClass.RELAY])
def test_only_administrators_vouch_for_others(device_class: DeviceClass) -> None:
    with pytest.raises(CertificateRefused, match=f"is a {device_class}"):
        enrolled(1, device_class).enrol(device(2).public_bytes, DeviceClass.TERMINAL, "desk-2", Stamp(1, 0))


def test_the_longest_chain_with_the_longest_texts_fits_every_limit() -> None:
    # Four bytes a character is the most that UTF-8 takes.
    last = chain_of_length(CHAIN_LENGTH_MAX, "\U00020000")
    assert all(len(link.encoded) <= DEVICE_CERTIFICATE_BYTES_MAX for link in last.chain.certificates)
    assert len(last.chain.encoded) <= CHAIN_BYTES_MAX
    journal = writer(1)
    head = append(journal)
    previous = (journal_id(1), SEQ_MAX, head.hash)
    certificate = Certificate.create(journal_id(2), last, type(journal.head)(*previous), LATEST)
    assert len(certificate.encoded) <= CERTIFICATE_BYTES_MAX
    assert Certificate.decode(certificate.encoded, certificate.signature) == certificate


def test_a_longer_chain_is_refused_by_its_author_already() -> None:
    last = chain_of_length(CHAIN_LENGTH_MAX)
    with pytest.raises(CertificateRefused, match="chain"):
        last.enrol(device(200).public_bytes, DeviceClass.TERMINAL, "desk", Stamp(1, 0))


@pytest.mark.parametrize("name", ["", " desk", "desk\n", "d" * (DEVICE_NAME_CHARACTERS_MAX + 1), "a\0b"])
def test_a_name_that_no_reader_takes_is_refused_at_enrolment(name: str) -> None:
    with pytest.raises(CertificateRefused):
        administrator().enrol(device(1).public_bytes, DeviceClass.TERMINAL, name, Stamp(1, 0))


def test_another_devices_chain_is_nobody_elses() -> None:
    with pytest.raises(CertificateRefused, match="another key"):
        EnrolledDevice(device(2), enrolled(1).chain)


def forged_signature(links: list[DeviceCertificate]) -> list[DeviceCertificate]:
    return [replace(links[0], signature=bytes(64)), *links[1:]]


def forged_issuer(links: list[DeviceCertificate]) -> list[DeviceCertificate]:
    return [*links[:-1], replace(links[-1], signature=OTHER_ROOT.sign(links[-1].encoded))]


def without_the_administrator(links: list[DeviceCertificate]) -> list[DeviceCertificate]:
    return [links[0], links[0]]


def of_two_properties(links: list[DeviceCertificate]) -> list[DeviceCertificate]:
    return [links[0], administrator("mountain").chain.certificates[0]]


def upside_down(links: list[DeviceCertificate]) -> list[DeviceCertificate]:
    return links[::-1]


@pytest.mark.parametrize(
    "spoil", [forged_signature, forged_issuer, without_the_administrator, of_two_properties, upside_down]
)
def test_a_spoilt_chain_is_refused(spoil: Callable[[list[DeviceCertificate]], list[DeviceCertificate]]) -> None:
    links = list(enrolled(1).chain.certificates)
    with pytest.raises(CertificateRefused):
        Chain.of(tuple(spoil(links)))


def test_a_class_that_this_version_does_not_know_is_refused() -> None:
    ours = enrolled(1).chain.certificates[0]
    fields = unpack_any_array(ours.encoded, DEVICE_CERTIFICATE_BYTES_MAX)
    fields[3] = "director"
    with pytest.raises(CertificateRefused, match="director"):
        DeviceCertificate.decode(pack(fields), ours.signature)


@given(st.data())
def test_one_changed_bit_of_a_chain_is_noticed(data: st.DataObject) -> None:
    encoded = bytearray(enrolled(1).chain.encoded)
    at = data.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[at // 8] ^= 1 << at % 8
    with pytest.raises(CertificateRefused):
        Chain.decode(bytes(encoded))


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_no_chain(encoded: bytes) -> None:
    with pytest.raises(CertificateRefused):
        Chain.decode(encoded)

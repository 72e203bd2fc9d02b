"""What other systems send and get over HTTP."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms, CancelStay, CreateStay
from relay_server.origin_desk import StayRevision

Text = Annotated[str, Field(max_length=2_000)]
WholeNumber = Annotated[int, Field(strict=True, ge=-(2**53) + 1, le=2**53 - 1)]


class _Body(BaseModel):
    """A misspelt field is an error, not an ignored wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GuestCardBody(_Body):
    """The guest: one whom the property knows (`guest`), or a new card with at least a name."""

    guest: Text | None = Field(None, description="Id of a guest whom the property knows; then no other field is read")
    name: Text = ""
    kana: Text | None = None
    contact: Text | None = None
    address: Text | None = None
    nationality: Text | None = None
    passport: Text | None = Field(None, description="Written, never read back")
    member: Text | None = None


class TermsBody(_Body):
    """What is agreed. Money is in minor units of the property's currency, per night."""

    arrival: Text = Field(description="Date, YYYY-MM-DD")
    nights: WholeNumber = Field(description="0 is day use")
    room_type: Text
    rate_minor: WholeNumber
    adults: WholeNumber
    children: WholeNumber = 0
    source: Text
    segment: Text | None = None


class GuestChangeBody(_Body):
    """Fields of the guest's card to change; an empty text clears a field."""

    name: Text | None = None
    kana: Text | None = None
    contact: Text | None = None
    address: Text | None = None
    nationality: Text | None = None
    passport: Text | None = None
    member: Text | None = None


class TermsChangeBody(_Body):
    """Terms to change; absent fields stay as they are."""

    arrival: Text | None = None
    nights: WholeNumber | None = None
    room_type: Text | None = None
    rate_minor: WholeNumber | None = None
    adults: WholeNumber | None = None
    children: WholeNumber | None = None
    source: Text | None = None
    segment: Text | None = None


class CreateBody(_Body):
    """A reservation to take."""

    stay: Annotated[str, Field(max_length=80)] | None = Field(
        None, description="An id of the caller's choice; creating it again with the same content changes nothing"
    )
    guest: GuestCardBody
    terms: TermsBody
    reason: Text = Field("", description="Needed for unusual terms, such as no guests or a negative rate")

    def action(self) -> CreateStay:
        """What the desk is asked to do."""
        terms, guest = self.terms, self.guest
        return CreateStay(
            arrival=terms.arrival,
            nights=terms.nights,
            room_type=terms.room_type,
            rate_minor=terms.rate_minor,
            adults=terms.adults,
            children=terms.children,
            source=terms.source,
            segment=terms.segment,
            stay=self.stay,
            guest=guest.guest,
            guest_name=guest.name,
            guest_kana=guest.kana,
            guest_contact=guest.contact,
            guest_address=guest.address,
            guest_nationality=guest.nationality,
            guest_passport=guest.passport,
            guest_member=guest.member,
            reason=self.reason,
        )


class AmendBody(_Body):
    """What to change of a reservation: its terms, its guest's card, or both at once."""

    terms: TermsChangeBody | None = None
    guest: GuestChangeBody | None = None
    reason: Text = ""

    def actions(self, stay: str, guest: str, revision: StayRevision) -> list[Action]:
        """What the desk is asked to do; all of it or nothing."""
        actions: list[Action] = []
        if self.terms is not None:
            changed = self.terms.model_dump(exclude_unset=True)
            actions.append(AmendTerms(stay=stay, reason=self.reason, revision=revision.stay, **changed))
        if self.guest is not None:
            changed = {f"guest_{name}": value for name, value in self.guest.model_dump(exclude_unset=True).items()}
            actions.append(AmendGuest(guest=guest, revision=revision.guest, **changed))
        return actions


class CancelBody(_Body):
    """Why the reservation is cancelled."""

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]

    def actions(self, stay: str, revision: StayRevision) -> list[Action]:
        """What the desk is asked to do."""
        return [CancelStay(stay=stay, reason=self.reason, revision=revision.stay)]


class WrittenBody(BaseModel):
    """What was written, durably. `entries` are [journal in hexadecimal, number]; empty when nothing had to change."""

    stay: str
    revision: str = Field(description="What the stay is now; the same as the ETag without its quotes")
    entries: list[tuple[str, int]]


class ReservationTermsBody(BaseModel):
    """What is agreed of a reservation."""

    arrival: str
    nights: int
    room_type: str
    rate_minor: int
    adults: int
    children: int
    source: str
    segment: str | None
    do_not_move: bool


class ReservationGuestBody(BaseModel):
    """The guest's card, without what other systems have no need to read."""

    guest: str
    name: str | None
    kana: str | None
    contact: str | None
    address: str | None
    nationality: str | None
    member: str | None


class ReservationBody(BaseModel):
    """A reservation as committed and merged."""

    stay: str
    revision: str
    status: str
    room: str | None
    terms: ReservationTermsBody
    guest: ReservationGuestBody

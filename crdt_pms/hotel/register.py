"""The guest register (宿泊者名簿): what must be known of a guest before check-in.

Name and contact of everyone; an address, or of a foreigner without an address in Japan nationality and passport
number. A locality may ask for more: the property file names those fields.
"""

from collections.abc import Mapping, Sequence

PROFILE_FIELDS: tuple[str, ...] = ("name", "kana", "contact", "address", "nationality", "passport", "member")
"""The fields of a guest's profile, in the order of the card."""

REGISTER_FIELDS: tuple[str, ...] = ("name", "contact")
"""The fields that every guest must fill in."""


def register_missing(
    profile: Mapping[str, str | int | bool | None], also_required: Sequence[str] = ()
) -> tuple[str, ...]:
    """The fields that the register still lacks, in the order of the card; empty when it is complete."""
    required = {*REGISTER_FIELDS, *also_required}
    if not (profile.get("nationality") and profile.get("passport")):
        # Without both, the address is the only thing that completes the register.
        required.add("address")
    return tuple(field for field in PROFILE_FIELDS if field in required and not profile.get(field))

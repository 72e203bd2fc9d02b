"""Who may act at a desk, as far as rows say, and who may change what the property is."""

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.property_file import PropertyDefinition


def removed_devices(definition: PropertyDefinition) -> frozenset[str]:
    """The ids of the devices that were taken out of the property."""
    return frozenset(device.device_id for device in definition.devices if not device.is_active)


def require_may_act(view: DeskView, staff: str) -> None:
    """Refused at a device, or for a member of staff, that an administrator took out of the property.

    Both are judged by the rows that this terminal knows; of whom no row is known, nothing is said here.
    """
    if view.device is not None and view.device in removed_devices(view.definition):
        raise Refused(RefusalCode.DEVICE_REMOVED)
    member = view.definition.member(staff)
    if member is not None and not member.is_active:
        raise Refused(RefusalCode.STAFF_REMOVED, staff=staff)


def require_administrator(view: DeskView) -> None:
    """Refused on a device that is not of the class administrator: every reader would quarantine what it wrote."""
    if not view.is_administrator:
        raise Refused(RefusalCode.ADMINISTRATORS_ONLY)

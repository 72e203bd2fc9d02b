"""Whether a desk may work while the relay cannot be reached: a hotel may forbid it."""

from crdt_pms.desk.refusals import RefusalCode, Refused


def require_work_allowed(*, is_offline: bool, offline_work: bool) -> None:
    """Refused for a desk that is offline and not allowed to work so."""
    if is_offline and not offline_work:
        raise Refused(RefusalCode.OFFLINE_NOT_ALLOWED)

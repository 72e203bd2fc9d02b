"""A hotel may forbid work without the relay."""

from __future__ import annotations

import pytest

from crdt_pms.desk.offline import require_work_allowed
from crdt_pms.desk.refusals import RefusalCode, Refused


@pytest.mark.parametrize(("is_offline", "offline_work"), [(False, True), (False, False), (True, True)])
def test_a_desk_works_when_it_is_online_or_allowed_to_work_offline(is_offline: bool, offline_work: bool) -> None:
    require_work_allowed(is_offline=is_offline, offline_work=offline_work)


def test_a_desk_that_may_not_work_offline_says_so() -> None:
    with pytest.raises(Refused) as caught:
        require_work_allowed(is_offline=True, offline_work=False)
    assert caught.value.code is RefusalCode.OFFLINE_NOT_ALLOWED
    assert "OFFLINE_MODE_ENABLED" in caught.value.advice_ja

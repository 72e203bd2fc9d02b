"""Small files of bookings in the form of the data set, and the data set itself where it is at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulations.workloads.bookings_file import COLUMNS

DATA_SET = Path(__file__).parents[4] / "shared" / "data" / "hotel_bookings_2015_2016.csv.xz"

PLAIN_ROW = {
    "row": "1",
    "hotel": "City Hotel",
    "is_canceled": "0",
    "lead_time": "30",
    "arrival_date_year": "2016",
    "arrival_date_month": "August",
    "arrival_date_day_of_month": "10",
    "stays_in_weekend_nights": "0",
    "stays_in_week_nights": "2",
    "adults": "2",
    "children": "0",
    "babies": "0",
    "market_segment": "Online TA",
    "distribution_channel": "TA/TO",
    "is_repeated_guest": "0",
    "reserved_room_type": "A",
    "assigned_room_type": "D",
    "booking_changes": "1",
    "deposit_type": "No Deposit",
    "adr": "100.55",
    "total_of_special_requests": "3",
    "reservation_status": "Check-Out",
    "reservation_status_date": "2016-08-12",
}


def csv_of(rows: list[dict[str, str]], columns: tuple[str, ...]) -> str:
    """Rows as CSV text with a header; they are numbered as `row` unless they bring a number."""
    lines: list[str] = [",".join(columns)]
    for number, row in enumerate(rows, start=1):
        whole = {**PLAIN_ROW, "row": str(number), **row}
        lines.append(",".join(whole[name] for name in columns))
    return "\n".join(lines) + "\n"


@pytest.fixture
def bookings_csv(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of rows, each given by what differs from a plain stay of two nights from 2016-08-10."""

    def write(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
        path = tmp_path / "bookings.csv"
        path.write_text(csv_of(list(rows), columns), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def data_set() -> Path:
    """The real data set."""
    if not DATA_SET.exists():
        pytest.skip(f"the data set is not at {DATA_SET}")
    with DATA_SET.open("rb") as stream:
        assert stream.read(6) == b"\xfd7zXZ\x00"
    return DATA_SET

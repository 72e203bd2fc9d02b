"""The codes of refusals."""

from enum import StrEnum


class RefusalCode(StrEnum):
    """The kinds of refusal. Screens and other systems may rely on them; the words may change."""

    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    STALE_FORM = "stale_form"
    TEXT_MISSING = "text_missing"
    TEXT_UNUSABLE = "text_unusable"
    KEY_UNUSABLE = "key_unusable"
    DATE_IMPOSSIBLE = "date_impossible"
    NIGHTS_IMPOSSIBLE = "nights_impossible"
    GUESTS_IMPOSSIBLE = "guests_impossible"
    AMOUNT_IMPOSSIBLE = "amount_impossible"
    ODD_TERMS = "odd_terms"
    REASON_NEEDED = "reason_needed"

    STAY_UNKNOWN = "stay_unknown"
    GUEST_UNKNOWN = "guest_unknown"
    ROOM_UNKNOWN = "room_unknown"
    POSTING_UNKNOWN = "posting_unknown"
    DOCUMENT_UNKNOWN = "document_unknown"
    STAY_EXISTS = "stay_exists"

    STEP_UNKNOWN = "step_unknown"
    ARRIVAL_PAST = "arrival_past"
    ARRIVAL_FIXED = "arrival_fixed"
    NIGHTS_SLEPT = "nights_slept"
    STAY_ENDED = "stay_ended"
    STAY_NOT_EXPECTED = "stay_not_expected"
    STAY_NOT_IN_HOUSE = "stay_not_in_house"

    NOT_ARRIVAL_DAY = "not_arrival_day"
    NOT_DEPARTURE_DAY = "not_departure_day"
    ONLY_AT_AUDIT = "only_at_audit"
    ROOM_NEEDED = "room_needed"
    ROOM_OCCUPIED = "room_occupied"
    ROOM_HELD = "room_held"
    ROOM_NOT_READY = "room_not_ready"
    ROOM_OUT_OF_ORDER = "room_out_of_order"
    REGISTER_INCOMPLETE = "register_incomplete"
    BALANCE_OPEN = "balance_open"

    MOVE_LOCKED = "move_locked"
    SAME_ROOM = "same_room"
    SWAP_UNLIKE = "swap_unlike"

    BOARD_VALUE_UNKNOWN = "board_value_unknown"
    CONDITION_STEP_UNKNOWN = "condition_step_unknown"
    MAINTENANCE_ON_OCCUPIED = "maintenance_on_occupied"
    MAINTENANCE_ON_ARRIVAL = "maintenance_on_arrival"
    NOTE_TOO_LONG = "note_too_long"

    WINDOW_NOT_OPEN = "window_not_open"
    CODE_UNKNOWN = "code_unknown"
    KEY_REUSED = "key_reused"
    REFUND_OVER_PAID = "refund_over_paid"
    REVERSAL_OVER_ORIGINAL = "reversal_over_original"
    NOT_REVERSIBLE = "not_reversible"
    NOTHING_TO_SETTLE = "nothing_to_settle"

    CONFLICT_OPEN = "conflict_open"
    NO_CONFLICT = "no_conflict"
    CHOICE_UNKNOWN = "choice_unknown"
    RESOLVE_ON_BOARD = "resolve_on_board"
    AUDIT_NOT_DUE = "audit_not_due"

"""Every action by name: from here an interface can be made without knowing the actions one by one."""

from collections.abc import Mapping
from types import MappingProxyType

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.arrivals import CheckIn, RevertCheckIn, TakeOverStay, WalkIn
from crdt_pms.desk.actions.conflicts import KeepStay, Resolve
from crdt_pms.desk.actions.departures import CheckOut, Reinstate
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, PostRefund, ReversePosting, SettleFolio
from crdt_pms.desk.actions.levels import RaiseLevel
from crdt_pms.desk.actions.moves import AssignRoom, MoveRoom, SetDoNotMove, SwapRooms, UnassignRoom
from crdt_pms.desk.actions.night_audit import CorrectBusinessDate, RunNightAudit
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.property import (
    DefineCode,
    DefineDevice,
    DefineHotel,
    DefineRoom,
    DefineRoomType,
    DefineStaff,
    RemoveDevice,
    RemoveStaff,
    RetireCode,
    RetireRoom,
)
from crdt_pms.desk.actions.reservations import (
    AmendGuest,
    AmendTerms,
    CancelStay,
    ChangeGuest,
    ConfirmStay,
    CreateStay,
)
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.actions.windows import CloseFolio, ReopenFolio

ACTIONS: Mapping[str, type[Action]] = MappingProxyType(
    {
        action.name: action
        for action in (
            SetRoomCondition,
            EditNote,
            CreateStay,
            ConfirmStay,
            AmendTerms,
            AmendGuest,
            ChangeGuest,
            CancelStay,
            AssignRoom,
            UnassignRoom,
            CheckIn,
            WalkIn,
            TakeOverStay,
            RevertCheckIn,
            CheckOut,
            Reinstate,
            MoveRoom,
            SwapRooms,
            SetDoNotMove,
            PostCharge,
            PostPayment,
            PostRefund,
            ReversePosting,
            SettleFolio,
            ReopenFolio,
            CloseFolio,
            Resolve,
            KeepStay,
            RunNightAudit,
            CorrectBusinessDate,
            DefineRoom,
            RetireRoom,
            DefineRoomType,
            DefineCode,
            RetireCode,
            DefineStaff,
            RemoveStaff,
            DefineDevice,
            RemoveDevice,
            DefineHotel,
            RaiseLevel,
        )
    }
)
"""Action name → class. Each is a frozen dataclass of scalars (`dataclasses.fields` lists them)."""

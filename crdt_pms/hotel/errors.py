"""The hotel rules' own errors.

HotelError                     something given to a rule of the hotel was wrong (always the caller's input)
├── RoomPlanInvalid            a room plan names a room twice, or a room has an impossible number
├── RoomUnknown                a room number that the property's plan does not have
├── BoardValueInvalid          a board field, or a value of it, that the board does not know
├── TransitionUnknown          a change of status that the transition table does not have
├── MoneyInvalid               an amount that is not integer minor units, or a currency we do not know
├── DateInvalid                a calendar date or a number of nights that cannot be
├── ReversalOverOriginal       reversals of a posting would exceed it
├── TransactionCodeUnknown     a posting code that the table of transaction codes does not have
└── PropertyInvalid            a property or founding file that cannot be used; names the place in the file
"""


class HotelError(ValueError):
    """Base of every refusal by a rule of the hotel."""


class RoomPlanInvalid(HotelError):
    """A room plan that contradicts itself."""


class RoomUnknown(HotelError):
    """A room number that the property does not have."""

    def __init__(self, number: str) -> None:
        super().__init__(f"the property has no room {number!r}: choose a room of the plan")
        self.number = number


class BoardValueInvalid(HotelError):
    """A board field or value that is not of the board."""


class TransitionUnknown(HotelError):
    """A change from one status to another that no row of the table allows."""

    def __init__(self, table: str, source: str, target: str) -> None:
        super().__init__(f"{table}: there is no step from {source!r} to {target!r}")
        self.table = table
        self.source = source
        self.target = target


class MoneyInvalid(HotelError):
    """An amount or a currency that cannot be."""


class DateInvalid(HotelError):
    """A date or a number of nights that cannot be."""


class ReversalOverOriginal(HotelError):
    """The reversals of one posting would exceed the posting."""

    def __init__(self, asked_minor: int, left_minor: int) -> None:
        super().__init__(f"a reversal of {asked_minor} exceeds what is left of the original, {left_minor}")
        self.asked_minor = asked_minor
        self.left_minor = left_minor


class TransactionCodeUnknown(HotelError):
    """A posting code that is not in the table."""

    def __init__(self, code: str) -> None:
        super().__init__(f"there is no transaction code {code!r}: choose one of the table")
        self.code = code


class PropertyInvalid(HotelError):
    """A property file or founding file that cannot be used.

    `place` is the path of the wrong value, such as `rooms[3].number`; empty for the file as a whole.
    """

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.place = place
        self.problem = problem

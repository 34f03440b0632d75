"""Why a call of a station is answered with a CALLERROR, in the words of no version.

The versions spell the codes differently: OCPP 1.6-J section 4.2.3 against OCPP 2.0.1 part 4
section 4.3. Their spelling is in each version's `dialect`.
"""

from enum import Enum, auto


class Fault(Enum):
    """What is wrong with a call."""

    NOT_IMPLEMENTED = auto()
    """The action is not known."""
    NOT_SUPPORTED = auto()
    """The action is known, but not in this direction."""
    INTERNAL = auto()
    """We could not handle it."""
    PROTOCOL = auto()
    """The payload is incomplete."""
    SECURITY = auto()
    """It is not allowed to this station."""
    FORMATION = auto()
    """The payload cannot be read."""
    PROPERTY = auto()
    """A value is not allowed."""
    OCCURRENCE = auto()
    """There are too few or too many of something."""
    TYPE = auto()
    """A value has the wrong type or is too long."""
    GENERIC = auto()
    """Anything else."""


class Refusal(Exception):
    """A call that cannot be handled as it is; its text never repeats what the station sent."""

    def __init__(self, fault: Fault, description: str) -> None:
        super().__init__(description)
        self.fault = fault
        self.description = description


class Fenced(Exception):
    """A newer connection of this station exists; this one must end."""

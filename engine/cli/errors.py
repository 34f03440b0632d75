"""How a command ends when it cannot do what it was asked."""

from __future__ import annotations

EXIT_NO = 1
EXIT_BAD_INPUT = 2


class CommandError(Exception):
    """What was asked for cannot be done; the text is one line for the person who asked."""

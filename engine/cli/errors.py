"""How a command ends when it does not do what it was asked."""

from __future__ import annotations

EXIT_NO = 1
EXIT_BAD_INPUT = 2


class CommandError(Exception):
    """What was asked for cannot be done; the text is one line for the person who asked."""

    exit_code = EXIT_BAD_INPUT


class AnswerIsNo(CommandError):
    """It was asked for rightly, and cannot be done as things are now: a script may try later."""

    exit_code = EXIT_NO

"""How the interpreter runs in the processes of the engine."""

from __future__ import annotations

import gc
import sys


def tune() -> None:
    """Fit the interpreter to threads that share it, and to batches.

    The thread that writes to SQLite asks for the interpreter after each statement; by default it
    waits five milliseconds for it. A batch makes thousands of objects and drops them all: looking
    for cycles among them after each seven hundred finds none.
    """
    sys.setswitchinterval(0.0005)
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)

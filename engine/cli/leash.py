"""Become another program that is asked to end when its parent ends, however that happens.

Run by path: `python leash.py PARENT_PID PROGRAM ARGUMENT...`. Linux keeps the promise; elsewhere
the program just runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(sys.argv[1]):
            sys.exit("The parent ended before the program began.")
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606

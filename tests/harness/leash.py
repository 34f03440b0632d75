"""Become another program that ends when its parent does, however the parent ends.

Run as `python leash.py PARENT_PID PROGRAM ARGUMENT...`. Linux keeps the promise by a signal;
elsewhere the program just runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("The parent ended before the program began.")
os.execv(sys.argv[2], sys.argv[2:])

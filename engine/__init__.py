"""The engine: owns sessions, tokens and settlement. See README.md in this folder for the map and
the words."""

import os

# Before gRPC is loaded: a process that is started is another program, which needs nothing of its
# state, and a line about that is no line of our log.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

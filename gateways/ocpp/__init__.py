"""OCPP-J over WebSocket on one side, batched gRPC on the other.

A station connects to `/ocpp/<identity>`. `server` admits it, `connection` owns its socket, `frame`
reads and writes the RPC framing, `dispatch` finds the action, checks it against the schema and
calls its handler in the version's folder. Calls to stations arrive as commands of the engine and
are carried out by `commands`.

Invariants:
1. A transaction message is answered only after the engine stored it. Only one whose content is
   invalid is answered with an error; without the engine it gets no answer, and the station sends it
   again.
2. A call to a station is sent at most once, and at most one is outstanding on a connection. The
   two directions never wait for each other.
3. Calls of a station are handled and answered in the order they came.
4. A newer connection of a station closes the older one.
5. Nothing that a restart may lose is held here, except frames not answered yet.
"""

"""Start the platform as separate processes and stop it again.

Shared by the demo (`tests/demo`), the flow tests (`tests/flows`) and the crash tests. `process`
runs one program, `platform` runs the whole set, `engine_calls` speaks gRPC to the engine,
`partner_control` steers the partner platform. Everything binds to loopback, writes its output to
files, and only processes started here are ever signalled.
"""

"""What every gateway needs: the engine as a client, settings, telemetry and the life of a process.

Entry points: `engine.Engine`, `coalesce.Coalescer`, `streams.follow`, `settings.read`,
`telemetry.configure`, `process.run`.

Invariants:
1. A gateway dials the engine; nothing here listens, except for metrics.
2. A hot call goes through a `Coalescer`, in the order it was made.
3. A repeated write carries the `request_id` of the first attempt.
"""

"""gRPC plumbing: the server, who may call what, how errors become statuses, how the shared messages
are read."""

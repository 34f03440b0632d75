"""Processes that translate a wire protocol into gRPC calls and hold no truth of their own."""

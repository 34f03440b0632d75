"""The command line: `interwatt`.

`up` runs the platform; `engine`, `ocpp` and `ocpi` run one process each; the nouns (`partner`,
`station`, ...) call a running engine over gRPC; `price`, `explain` and `lint` need no engine.

Exit codes: 0 fine, 1 the answer is no (a refusal, a finding, a mismatch, a station that is not
connected), 2 bad input or an engine that does not answer, said in one line on standard error.

A command's module is imported when the command is called, so that `--help` answers at once.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line; ends the process."""
    from engine.cli.app import app  # noqa: PLC0415 - the entry point stays importable for free

    app(prog_name="interwatt")

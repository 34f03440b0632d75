"""Every check that does not run the program: `python -m tests.lint [NAME ...]`, or `make lint`.

Prints one line a check with its time, and what a failing one said. Ends with 1 when one failed.
"""

from __future__ import annotations

import argparse
import filecmp
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BIN = Path(sys.executable).parent

Check = Callable[[], str]
"""Runs and returns what is wrong; nothing when all is well."""


def _tool(name: str, *arguments: str) -> Check:
    """Return a check that runs a program of the virtual environment, or else of the machine."""
    local = _BIN / name
    command = [str(local) if local.exists() else name, *arguments]

    def run() -> str:
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return f"{name} is not installed."
        said = f"{done.stdout}\n{done.stderr}".strip()
        return "" if done.returncode == 0 else said or f"exit code {done.returncode}"

    return run


def _stubs_unchanged() -> str:
    """Generate the stubs into a scratch folder and compare with the committed ones."""
    committed = ROOT / "proto" / "gen"
    with tempfile.TemporaryDirectory() as scratch:
        generated = Path(scratch)
        failed = _tool("python", "proto/generate.py", "--out", scratch)()
        if failed:
            return failed
        changed = sorted(_differences(filecmp.dircmp(committed, generated, ignore=["__pycache__"])))
    return "\n".join([*changed, "Run: make gen"]) if changed else ""


def _differences(compared: filecmp.dircmp[str]) -> Iterator[str]:
    yield from (f"{compared.left}/{name} is not generated" for name in compared.left_only)
    yield from (f"{compared.left}/{name} is missing" for name in compared.right_only)
    yield from (f"{compared.left}/{name} is stale" for name in compared.diff_files)
    for below in compared.subdirs.values():
        yield from _differences(below)


def _contract_keeps_promises() -> str:
    """Compare the contract with the last release in this history, or else with where a branch
    left main; with nothing where there is neither."""
    tags = _git("tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname")
    fork = _git("merge-base", "HEAD", "origin/main")
    earlier = tags.splitlines()[0] if tags else fork
    if not earlier or earlier == _git("rev-parse", "HEAD"):
        print("buf-breaking: neither a release nor a branch, so there is nothing to compare with")
        return ""
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "earlier.tar"
        _git("archive", f"--output={archive}", earlier, "proto")
        return _tool("buf", "breaking", "proto", "--against", f"{archive}#subdir=proto")()


def _git(*arguments: str) -> str:
    """Return what git says; nothing where there is no repository."""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


CHECKS: Mapping[str, Check] = {
    "ruff": _tool("ruff", "check", "."),
    "format": _tool("ruff", "format", "--check", "."),
    "mypy": _tool("mypy", "--no-error-summary"),
    "imports": _tool("lint-imports", "--no-cache"),
    "buf": _tool("buf", "lint", "proto"),
    "buf-format": _tool("buf", "format", "--diff", "--exit-code", "proto"),
    "buf-breaking": _contract_keeps_promises,
    "stubs": _stubs_unchanged,
    "rustfmt": _tool("cargo", "fmt", "--all", "--check"),
    "clippy": _tool(
        "cargo", "clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--",
        "--deny", "warnings",
    ),
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(CHECKS)}; all when absent")
    names: list[str] = parser.parse_args().names
    unknown = set(names) - set(CHECKS)
    if unknown:
        parser.error(f"there is no check {', '.join(sorted(unknown))}")
    failed = [name for name in names or CHECKS if not _passes(name)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def _passes(name: str) -> bool:
    started = time.perf_counter()
    wrong = CHECKS[name]()
    print(f"{name:<12} {'FAILED' if wrong else 'ok':<7} {time.perf_counter() - started:5.1f} s")
    if wrong:
        print("\n".join(f"    {line}" for line in wrong.splitlines()))
    return not wrong


if __name__ == "__main__":
    sys.exit(main())

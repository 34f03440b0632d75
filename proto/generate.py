"""Generate the Python stubs of the contract into proto/gen.

Run by `make gen`; `tests/lint.py` runs it into a scratch folder and compares, so committed stubs
never go stale.
"""

from __future__ import annotations

import argparse
import importlib.resources
import shutil
import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent


def generate(out: Path) -> None:
    """Write messages (`_pb2.py`, `.pyi`) and services (`_pb2_grpc.py`, `.pyi`) below `out`."""
    sources = sorted(
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("interwatt/**/*.proto")
    )
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    plugins = Path(sys.executable).parent
    status = protoc.main(
        [
            "protoc",
            f"--proto_path={ROOT}",
            f"--proto_path={well_known}",
            f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}",
            f"--python_out={out}",
            f"--pyi_out={out}",
            f"--grpc_python_out={out}",
            f"--mypy_grpc_out={out}",
            *sources,
        ]
    )
    if status != 0:
        raise SystemExit(status)
    for stub in out.rglob("*_pb2_grpc.py*"):
        # Files without a service have nothing to stub.
        if not stub.stem.endswith("_service_pb2_grpc"):
            stub.unlink()
    for folder in [out / "interwatt", *(p for p in (out / "interwatt").rglob("*") if p.is_dir())]:
        if folder.name != "__pycache__":
            (folder / "__init__.py").touch()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=ROOT / "gen", help="where to write (default: proto/gen)"
    )
    out: Path = parser.parse_args().out
    shutil.rmtree(out / "interwatt", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    generate(out)


if __name__ == "__main__":
    main()

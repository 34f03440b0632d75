from collections.abc import Mapping, Sequence
from typing import Protocol, final

class ArrowTable(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

def price(
    cdr: str | bytes,
    tariffs: str | bytes | None = None,
    *,
    time_zone: str | None = None,
    policy: Mapping[str, str] | None = None,
    reservation: str = "auto",
    explain: bool = False,
) -> str: ...
def lint(tariff: str | bytes) -> str: ...
def cut(
    profile: str | bytes,
    tariffs: str | bytes,
    *,
    time_zone: str | None = None,
    policy: Mapping[str, str] | None = None,
) -> str: ...
def estimate(
    profile: str | bytes,
    tariffs: str | bytes,
    *,
    time_zone: str | None = None,
    policy: Mapping[str, str] | None = None,
) -> str: ...
def explain(
    cdr: str | bytes,
    tariffs: str | bytes | None = None,
    *,
    time_zone: str | None = None,
    policy: Mapping[str, str] | None = None,
    reservation: str = "auto",
) -> str: ...
def fit(
    cdrs: str | bytes,
    tariffs: str | bytes | None = None,
    *,
    time_zone: str | None = None,
    policy: Mapping[str, str] | None = None,
    reservation: str = "auto",
) -> str: ...
def policies() -> str: ...
def finding_bits() -> list[str]: ...
def status_codes() -> list[str]: ...
def compile(
    tariffs: str | bytes,
    *,
    zones: str | Sequence[str | None] | None = None,
    policy: Mapping[str, str] | None = None,
) -> TariffSet: ...

@final
class TariffSet:
    @property
    def ids(self) -> list[str]: ...
    @property
    def findings(self) -> str: ...
    @property
    def plans(self) -> tuple[int, int, int]: ...
    def __len__(self) -> int: ...
    def price(
        self, cdrs: ArrowTable, *, threads: int | None = None, detail: bool = False
    ) -> ArrowStream: ...
    def price_json(self, cdrs: str | bytes, *, threads: int | None = None) -> ArrowStream: ...
    def aggregate(
        self, cdrs: ArrowTable, by: Sequence[str], *, threads: int | None = None
    ) -> ArrowStream: ...

@final
class ArrowStream:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...

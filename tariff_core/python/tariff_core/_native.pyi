from collections.abc import Mapping

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

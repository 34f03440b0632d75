"""Where things are: the one place that knows our paths. Partners follow what we hand out."""

from dataclasses import dataclass
from urllib.parse import quote

PREFIX = "/ocpi"
VERSIONS_PATH = f"{PREFIX}/versions"


def join(base: str, *segments: str) -> str:
    """Append path segments to a URL with exactly one slash between; each segment is quoted."""
    return "/".join((base.rstrip("/"), *(quote(segment, safe="") for segment in segments)))


@dataclass(frozen=True, slots=True)
class Urls:
    """Our absolute URLs, from the address that partners reach us by."""

    base: str

    @property
    def versions(self) -> str:
        """The versions list."""
        return self.base + VERSIONS_PATH

    def version(self, version: str) -> str:
        """The details of a version."""
        return f"{self.base}{PREFIX}/{version}"

    def credentials(self, version: str) -> str:
        """The credentials module of a version."""
        return f"{self.version(version)}/credentials"

    def module(self, version: str, side: str, module: str) -> str:
        """A functional module; `side` is "sender" or "receiver"."""
        return f"{self.version(version)}/{side}/{module}"

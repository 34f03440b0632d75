"""Price OCPI sessions exactly: one by one with reasons, or by the million in columns."""

from tariff_core._native import (
    ArrowStream,
    TariffSet,
    compile,
    cut,
    estimate,
    explain,
    finding_bits,
    fit,
    lint,
    policies,
    price,
    status_codes,
)

__all__ = [
    "ArrowStream",
    "TariffSet",
    "compile",
    "cut",
    "estimate",
    "explain",
    "finding_bits",
    "fit",
    "lint",
    "policies",
    "price",
    "status_codes",
]

"""Messages that are only acknowledged, and the ones that are declined."""

import pytest

from tests.gateways.ocpp.bench import Bench

AT = "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("DiagnosticsStatusNotification", {"status": "Uploading"}, {}),
        ("FirmwareStatusNotification", {"status": "Installed"}, {}),
        ("LogStatusNotification", {"status": "Uploaded", "requestId": 1}, {}),
        ("SignedFirmwareStatusNotification", {"status": "Downloaded", "requestId": 1}, {}),
        ("SecurityEventNotification", {"type": "FirmwareUpdated", "timestamp": AT}, {}),
        ("SignCertificate", {"csr": "-----BEGIN"}, {"status": "Rejected"}),
        ("DataTransfer", {"vendorId": "v", "data": "x"}, {"status": "UnknownVendorId"}),
    ],
)
async def test_answered(bench: Bench, action: str, payload: object, answer: object) -> None:
    async with bench.dial() as wire:
        assert await wire.ask([2, "1", action, payload]) == [3, "1", answer]

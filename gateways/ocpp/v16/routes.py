"""Every action of OCPP 1.6 and where it is handled."""

from collections.abc import Mapping

from gateways.ocpp.dialect import Route
from gateways.ocpp.v16 import (
    authorize,
    boot_notification,
    data_transfer,
    diagnostics_status_notification,
    firmware_status_notification,
    heartbeat,
    log_status_notification,
    meter_values,
    security_event_notification,
    sign_certificate,
    signed_firmware_status_notification,
    start_transaction,
    status_notification,
    stop_transaction,
)

ROUTES: Mapping[str, Route] = {
    "Authorize": Route(handle=authorize.handle),
    "BootNotification": Route(handle=boot_notification.handle),
    "DataTransfer": Route(handle=data_transfer.handle),
    "DiagnosticsStatusNotification": Route(handle=diagnostics_status_notification.handle),
    "FirmwareStatusNotification": Route(handle=firmware_status_notification.handle),
    "Heartbeat": Route(handle=heartbeat.handle),
    "LogStatusNotification": Route(handle=log_status_notification.handle),
    "MeterValues": Route(handle=meter_values.handle, transactional=True, last_resort={}),
    "SecurityEventNotification": Route(handle=security_event_notification.handle),
    "SignCertificate": Route(handle=sign_certificate.handle),
    "SignedFirmwareStatusNotification": Route(handle=signed_firmware_status_notification.handle),
    "StartTransaction": Route(handle=start_transaction.handle, transactional=True),
    "StatusNotification": Route(handle=status_notification.handle),
    "StopTransaction": Route(handle=stop_transaction.handle, transactional=True, last_resort={}),
}
"""What stations send.

A start that nobody can read has no last resort: its answer needs a transaction.
"""

BOTH_WAYS = frozenset({"DataTransfer"})

OUTGOING = frozenset(
    {
        "CancelReservation",
        "CertificateSigned",
        "ChangeAvailability",
        "ChangeConfiguration",
        "ClearCache",
        "ClearChargingProfile",
        "DeleteCertificate",
        "ExtendedTriggerMessage",
        "GetCompositeSchedule",
        "GetConfiguration",
        "GetDiagnostics",
        "GetInstalledCertificateIds",
        "GetLocalListVersion",
        "GetLog",
        "InstallCertificate",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "ReserveNow",
        "Reset",
        "SendLocalList",
        "SetChargingProfile",
        "SignedUpdateFirmware",
        "TriggerMessage",
        "UnlockConnector",
        "UpdateFirmware",
    }
)
"""What only we send."""

"""RemoteStartTransaction: ask the station to start a charge (section 5.11)."""

from interwatt.commands.v1.command_pb2 import StartCharge

from gateways.ocpp.dialect import Outgoing


def start_charge(command: StartCharge) -> Outgoing:
    """The call; "Accepted" only means that the station will try."""
    payload: dict[str, str | int] = {"idTag": command.id_tag}
    if command.connector_number:
        payload["connectorId"] = command.connector_number
    return Outgoing(action="RemoteStartTransaction", payload=payload)

"""RemoteStopTransaction: ask the station to end a charge (section 5.12)."""

from interwatt.commands.v1.command_pb2 import StopCharge

from gateways.ocpp.dialect import Outgoing


def stop_charge(command: StopCharge) -> Outgoing:
    """The call; the charge ends with the StopTransaction that follows."""
    return Outgoing(
        action="RemoteStopTransaction", payload={"transactionId": command.transaction_id}
    )

"""Authorize: may this token charge? (section 4.1)"""

from interwatt.tokens.v1.tokens_service_pb2 import AuthorizeTokenItem

from gateways.common import request_ids
from gateways.ocpp.station import ConnectedStation, Payload
from gateways.ocpp.v16.id_tag_info import id_tag_info


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Answer with the engine's decision; each question is a new one."""
    authorization = await station.engine.authorize(
        AuthorizeTokenItem(
            request_id=request_ids.fresh(), uid=payload["idTag"], station_id=station.id
        )
    )
    return {"idTagInfo": id_tag_info(authorization)}

"""Small values that several modules share: prices, periods, session tokens; both ways.

A number that no meter or price list can mean is refused with its field's name.
"""

from collections.abc import Iterable

from interwatt.common.v1.money_pb2 import Money, Price
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.sessions.v1.session_pb2 import ChargingPeriod, Dimension, SessionToken

from gateways.ocpi import decimals
from gateways.ocpi.times import Instant
from gateways.ocpi.v221 import names, wire


def price_to_proto(price: wire.Price | None, currency: str) -> Price | None:
    """Convert a price; absent stays absent."""
    if price is None:
        return None
    converted = Price(
        excl_vat=Money(currency=currency, amount_e4=decimals.amount_to_e4(price.excl_vat))
    )
    if price.incl_vat is not None:
        converted.incl_vat.CopyFrom(
            Money(currency=currency, amount_e4=decimals.amount_to_e4(price.incl_vat))
        )
    return converted


def price_to_wire(price: Price) -> wire.Price | None:
    """Convert a price; OCPI has none without an amount before VAT."""
    if not price.HasField("excl_vat"):
        return None
    return wire.Price(
        excl_vat=decimals.e4_to_amount(price.excl_vat.amount_e4),
        incl_vat=decimals.e4_to_amount(price.incl_vat.amount_e4)
        if price.HasField("incl_vat")
        else None,
    )


def periods_to_proto(periods: Iterable[wire.ChargingPeriod] | None) -> list[ChargingPeriod]:
    """Convert charging periods; volumes keep their digits."""
    return [
        ChargingPeriod(
            start_at=period.start_date_time.to_proto(),
            dimensions=[
                Dimension(type=each.type, volume=decimals.to_text(each.volume))
                for each in period.dimensions
            ],
            tariff_id=period.tariff_id or "",
        )
        for period in periods or ()
    ]


def periods_to_wire(periods: Iterable[ChargingPeriod]) -> list[wire.ChargingPeriod]:
    """Convert charging periods; volumes keep their digits."""
    return [
        wire.ChargingPeriod(
            start_date_time=Instant.from_proto(period.start_at),
            dimensions=[
                wire.CdrDimension(type=each.type, volume=wire.Number(each.volume))
                for each in period.dimensions
            ],
            tariff_id=period.tariff_id or None,
        )
        for period in periods
    ]


def token_to_proto(
    token: wire.CdrToken, auth_method: str, authorization_reference: str | None
) -> SessionToken:
    """Convert the token of a charge at a partner's station; that partner let it charge."""
    return SessionToken(
        owner=PartyId(country_code=token.country_code, party_id=token.party_id),
        uid=token.uid,
        type=names.TOKEN_TYPES[token.type],
        contract_id=token.contract_id,
        auth_method=auth_method,
        authorization_reference=authorization_reference or "",
        accepted=True,
    )


def token_to_wire(token: SessionToken) -> wire.CdrToken:
    """Convert the token of a charge; a contract that is not known is the uid."""
    return wire.CdrToken(
        country_code=token.owner.country_code,
        party_id=token.owner.party_id,
        uid=token.uid,
        type=names.token_type(token.type),
        contract_id=token.contract_id or token.uid,
    )


def auth_method(token: SessionToken) -> wire.AuthMethod:
    """Name how a token was accepted."""
    match token.auth_method:
        case "AUTH_REQUEST":
            return "AUTH_REQUEST"
        case "COMMAND":
            return "COMMAND"
        case _:
            return "WHITELIST"

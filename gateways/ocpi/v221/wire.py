"""The objects of OCPI 2.2.1 that we read or write, spelled as OCPI spells them.

A reader is tolerant: it passes over what it does not know and takes null for absent. Lengths and
closed enums are the specification's; where a field is only shown to people in a CDR, which nobody
can send again better, its length is not checked. A writer leaves out what is absent. What we
neither read nor write is not listed: the document keeps it.
"""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from gateways.ocpi.times import Instant

CountryCode = Annotated[str, Meta(min_length=2, max_length=2)]
PartyCode = Annotated[str, Meta(min_length=3, max_length=3)]
Id = Annotated[str, Meta(min_length=1, max_length=36)]
CdrId = Annotated[str, Meta(min_length=1, max_length=39)]
OptionalId = Annotated[str, Meta(max_length=36)] | None
"""Some partners write an empty text for what they do not have."""
OptionalCdrId = Annotated[str, Meta(max_length=39)] | None
Currency = Annotated[str, Meta(min_length=3, max_length=3)]
Url = Annotated[str, Meta(min_length=1, max_length=255)]
Text64 = Annotated[str, Meta(max_length=64)]
Number = Decimal

TokenType = Literal["AD_HOC_USER", "APP_USER", "OTHER", "RFID"]
WhitelistType = Literal["ALWAYS", "ALLOWED", "ALLOWED_OFFLINE", "NEVER"]
AllowedType = Literal["ALLOWED", "BLOCKED", "EXPIRED", "NO_CREDIT", "NOT_ALLOWED"]
AuthMethod = Literal["AUTH_REQUEST", "COMMAND", "WHITELIST"]
SessionStatus = Literal["ACTIVE", "COMPLETED", "INVALID", "PENDING", "RESERVATION"]
EvseStatus = Literal[
    "AVAILABLE",
    "BLOCKED",
    "CHARGING",
    "INOPERATIVE",
    "OUTOFORDER",
    "PLANNED",
    "REMOVED",
    "RESERVED",
    "UNKNOWN",
]
ConnectorFormat = Literal["SOCKET", "CABLE"]
InterfaceRole = Literal["SENDER", "RECEIVER"]
RoleName = Literal["CPO", "EMSP", "HUB", "NAP", "NSP", "OTHER", "SCSP"]
CommandAnswer = Literal["NOT_SUPPORTED", "REJECTED", "ACCEPTED", "UNKNOWN_SESSION"]
CommandOutcome = Literal[
    "ACCEPTED",
    "CANCELED_RESERVATION",
    "EVSE_OCCUPIED",
    "EVSE_INOPERATIVE",
    "FAILED",
    "NOT_SUPPORTED",
    "REJECTED",
    "TIMEOUT",
    "UNKNOWN_RESERVATION",
]


class Wire(Struct, kw_only=True, omit_defaults=True, frozen=True):
    """An OCPI object."""


class DisplayText(Wire, kw_only=True, frozen=True):
    """A text for people, types section 16.3."""

    language: str
    text: str


class Price(Wire, kw_only=True, frozen=True):
    """An amount before and after VAT."""

    excl_vat: Number
    incl_vat: Number | None = None


class Endpoint(Wire, kw_only=True, frozen=True):
    """One module of a version."""

    identifier: str
    role: InterfaceRole
    url: str


class VersionDetails(Wire, kw_only=True, frozen=True):
    """What a platform offers in one version."""

    version: str
    endpoints: list[Endpoint]


class BusinessDetails(Wire, kw_only=True, frozen=True):
    """Who a party is."""

    name: str
    website: str | None = None


class CredentialsRole(Wire, kw_only=True, frozen=True):
    """One party of a platform."""

    role: RoleName
    business_details: BusinessDetails
    party_id: PartyCode
    country_code: CountryCode


class Credentials(Wire, kw_only=True, frozen=True):
    """The token to use from now on, and who speaks."""

    token: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
    url: Url
    roles: Annotated[list[CredentialsRole], Meta(min_length=1)]


class Token(Wire, kw_only=True, frozen=True):
    """A driver's token."""

    country_code: CountryCode
    party_id: PartyCode
    uid: Id
    type: TokenType
    contract_id: Id
    visual_number: Text64 | None = None
    issuer: Text64
    group_id: OptionalId = None
    valid: bool
    whitelist: WhitelistType
    language: Annotated[str, Meta(max_length=2)] | None = None
    last_updated: Instant


class LocationReferences(Wire, kw_only=True, frozen=True):
    """Where a token was presented."""

    location_id: Id
    evse_uids: list[Id] | None = None


class AuthorizationInfo(Wire, kw_only=True, frozen=True):
    """The issuer's decision."""

    allowed: AllowedType
    token: Token
    location: LocationReferences | None = None
    authorization_reference: OptionalId = None
    info: DisplayText | None = None


class AuthorizationAnswer(Wire, kw_only=True, frozen=True):
    """The part of a partner's AuthorizationInfo that decides, read when the rest may be wrong."""

    allowed: AllowedType
    authorization_reference: OptionalId = None
    info: DisplayText | None = None


class GeoLocation(Wire, kw_only=True, frozen=True):
    """Decimal degrees as text."""

    latitude: str
    longitude: str


class Connector(Wire, kw_only=True, frozen=True):
    """A plug or socket."""

    id: Id
    standard: str
    format: ConnectorFormat
    power_type: str
    max_voltage: int
    max_amperage: int
    max_electric_power: int | None = None
    tariff_ids: list[Id] | None = None
    last_updated: Instant


class Evse(Wire, kw_only=True, frozen=True):
    """A charging place."""

    uid: Id
    evse_id: Annotated[str, Meta(max_length=48)] | None = None
    status: EvseStatus
    connectors: Annotated[list[Connector], Meta(min_length=1)]
    last_updated: Instant


class Location(Wire, kw_only=True, frozen=True):
    """A site."""

    country_code: CountryCode
    party_id: PartyCode
    id: Id
    publish: bool
    name: Annotated[str, Meta(max_length=255)] | None = None
    address: Annotated[str, Meta(max_length=45)]
    city: Annotated[str, Meta(max_length=45)]
    postal_code: Annotated[str, Meta(max_length=10)] | None = None
    country: Annotated[str, Meta(min_length=3, max_length=3)]
    coordinates: GeoLocation
    evses: list[Evse] | None = None
    time_zone: Annotated[str, Meta(max_length=255)]
    last_updated: Instant


class Tariff(Wire, kw_only=True, frozen=True):
    """The part of a tariff that names it; the engine reads the rest from the document."""

    country_code: CountryCode
    party_id: PartyCode
    id: Id
    currency: Currency
    elements: Annotated[list[Raw], Meta(min_length=1)]
    last_updated: Instant


class CdrToken(Wire, kw_only=True, frozen=True):
    """A token as it was when the charge started."""

    country_code: CountryCode
    party_id: PartyCode
    uid: Id
    type: TokenType
    contract_id: Id


class CdrDimension(Wire, kw_only=True, frozen=True):
    """An amount of one kind."""

    type: str
    volume: Number


class ChargingPeriod(Wire, kw_only=True, frozen=True):
    """A stretch of a charge with one price."""

    start_date_time: Instant
    dimensions: list[CdrDimension]
    tariff_id: OptionalId = None


class Session(Wire, kw_only=True, frozen=True):
    """A charge as its CPO reports it."""

    country_code: CountryCode
    party_id: PartyCode
    id: Id
    start_date_time: Instant
    end_date_time: Instant | None = None
    kwh: Number
    cdr_token: CdrToken
    auth_method: AuthMethod
    authorization_reference: OptionalId = None
    location_id: Id
    evse_uid: Id
    connector_id: Id
    meter_id: Annotated[str, Meta(max_length=255)] | None = None
    currency: Currency
    charging_periods: list[ChargingPeriod] | None = None
    total_cost: Price | None = None
    status: SessionStatus
    last_updated: Instant


class SessionPatch(Wire, kw_only=True, frozen=True):
    """What changed about a session; its charging periods are new ones to append."""

    country_code: CountryCode | None = None
    party_id: PartyCode | None = None
    id: OptionalId = None
    start_date_time: Instant | None = None
    end_date_time: Instant | None = None
    kwh: Number | None = None
    cdr_token: CdrToken | None = None
    auth_method: AuthMethod | None = None
    authorization_reference: OptionalId = None
    location_id: OptionalId = None
    evse_uid: OptionalId = None
    connector_id: OptionalId = None
    currency: Currency | None = None
    charging_periods: list[ChargingPeriod] | None = None
    total_cost: Price | None = None
    status: SessionStatus | None = None
    last_updated: Instant


class CdrLocation(Wire, kw_only=True, frozen=True):
    """The place of a charge, sealed."""

    id: Id
    name: str | None = None
    address: str
    city: str
    postal_code: str | None = None
    country: str
    coordinates: GeoLocation
    evse_uid: Id
    evse_id: str
    connector_id: Id
    connector_standard: str
    connector_format: ConnectorFormat
    connector_power_type: str


class Cdr(Wire, kw_only=True, frozen=True):
    """The sealed billing record of a charge."""

    country_code: CountryCode
    party_id: PartyCode
    id: CdrId
    start_date_time: Instant
    end_date_time: Instant
    session_id: OptionalId = None
    cdr_token: CdrToken
    auth_method: AuthMethod
    authorization_reference: OptionalId = None
    cdr_location: CdrLocation
    meter_id: str | None = None
    currency: Currency
    tariffs: list[Raw] | None = None
    charging_periods: Annotated[list[ChargingPeriod], Meta(min_length=1)]
    total_cost: Price
    total_fixed_cost: Price | None = None
    total_energy: Number
    total_energy_cost: Price | None = None
    total_time: Number
    total_time_cost: Price | None = None
    total_parking_time: Number | None = None
    total_parking_cost: Price | None = None
    total_reservation_cost: Price | None = None
    credit: bool | None = None
    credit_reference_id: OptionalCdrId = None
    last_updated: Instant


class StartSession(Wire, kw_only=True, frozen=True):
    """START_SESSION."""

    response_url: Url
    token: Token
    location_id: Id
    evse_uid: OptionalId = None
    connector_id: OptionalId = None
    authorization_reference: OptionalId = None


class StopSession(Wire, kw_only=True, frozen=True):
    """STOP_SESSION."""

    response_url: Url
    session_id: Id


class CommandResponse(Wire, kw_only=True, frozen=True):
    """The answer to a command at once."""

    result: CommandAnswer
    timeout: int = 0
    message: list[DisplayText] | None = None


class CommandResult(Wire, kw_only=True, frozen=True):
    """What came of a command, sent later to its response_url."""

    result: CommandOutcome
    message: list[DisplayText] | None = None

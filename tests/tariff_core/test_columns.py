"""Batches: every row as the reference prices it, whatever its neighbours, threads or layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pricing_batches import (
    PERIOD_FIELDS,
    SCHEMA,
    Batch,
    batches,
    e4,
    price_row,
    session_of_row,
)
from pricing_cases import Case, load_cases, write
from pricing_strategies import STARTS, Document, profile
from pricing_worked import cdr_of

import tariff_core

BITS = tariff_core.finding_bits()
STATUS = tariff_core.status_codes()
# These bits are findings that a single document has outside its warnings.
BESIDE_WARNINGS = {
    "total_cost_differs",
    "tariff_not_valid",
    "time_zone_inferred",
    "reservation_assumed_expired",
    "missing_reading",
}


def compiled(batch: Batch) -> Any:
    """Compile the tariffs of a batch."""
    return tariff_core.compile(batch.tariff_text, zones=batch.zones, policy=batch.policy)


def priced(batch: Batch, frame: Any, **options: Any) -> pl.DataFrame:
    """Price a table and return the answer as one."""
    return pl.DataFrame(compiled(batch).price(frame, detail=True, **options))


def row_of(batch: Batch, row: Document) -> dict[str, Any]:
    """Return what the columns must say of a row, by the reference."""
    result = price_row(batch, row)
    if isinstance(result, str):
        return {"status": result}
    currency = row["currency"]

    def cost(kind: str) -> int | None:
        money = result.costs.get(kind)
        return 0 if money is None else e4(money.before, currency, batch.policy)

    def milliseconds(kind: str) -> Fraction:
        return result.billed[kind] * 1000

    return {
        "status": "priced",
        "warnings": set(result.warnings),
        "total_excl_e4": e4(result.total.before, currency, batch.policy),
        "total_incl_e4": e4(result.total.after, currency, batch.policy),
        "energy_excl_e4": cost("ENERGY"),
        "time_excl_e4": cost("TIME"),
        "parking_excl_e4": cost("PARKING_TIME"),
        "reservation_excl_e4": cost("RESERVATION_TIME"),
        "fixed_excl_e4": cost("FLAT"),
        "billed_energy_e4": result.billed["ENERGY"] * 10,
        "billed_time_ms": milliseconds("TIME"),
        "billed_parking_ms": milliseconds("PARKING_TIME"),
        "billed_reservation_ms": milliseconds("RESERVATION_TIME"),
    }


def answer_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return what the columns say of a row, in the same words."""
    status = STATUS[row.pop("status")]
    bits = row.pop("findings")
    if status != "priced":
        return {"status": status}
    found = {name for position, name in enumerate(BITS) if bits >> position & 1}
    return {"status": status, "warnings": found - BESIDE_WARNINGS, **row}


@profile(40)
@given(batches())
def test_each_row_is_priced_as_the_reference_prices_it(batch: Batch) -> None:
    answers = [answer_of(row) for row in priced(batch, batch.frame()).to_dicts()]
    assert answers == [row_of(batch, row) for row in batch.rows]


@profile(25)
@given(batches())
def test_each_row_is_priced_as_its_document(batch: Batch) -> None:
    answers = priced(batch, batch.frame()).to_dicts()
    for row, answer in zip(batch.rows, answers, strict=True):
        if row["tariff"] >= len(batch.tariffs):
            continue
        session = session_of_row(row, batch.listed[row["tariff"]])
        cdr = cdr_of(session) | {"currency": row["currency"]}
        for period in cdr["charging_periods"]:
            period["tariff_id"] = batch.tariffs[row["tariff"]]["id"]
        zone = batch.zones[row["tariff"]]
        text = tariff_core.price(write(cdr), batch.tariff_text, time_zone=zone, policy=batch.policy)
        report = json.loads(text)
        assert STATUS[answer["status"]] == (report["error"] or "priced")
        for side, name in (("excl_vat", "total_excl_e4"), ("incl_vat", "total_incl_e4")):
            if report["status"] == "priced":
                total = report["total_cost"][side]
                assert answer[name] == (None if total is None else Fraction(total) * 10_000)


@profile(20)
@given(batches(max_rows=12), st.data())
def test_a_row_does_not_know_its_neighbours(batch: Batch, data: st.DataObject) -> None:
    """Reordered, cut out of a larger table, or alone: a row keeps its answer."""
    whole = priced(batch, batch.frame())
    order = data.draw(st.permutations(range(len(batch.rows))))
    shuffled = priced(batch, batch.frame([batch.rows[i] for i in order]))
    assert_frame_equal(shuffled, whole[list(order)])
    first = data.draw(st.integers(0, len(batch.rows)))
    last = data.draw(st.integers(first, len(batch.rows)))
    assert_frame_equal(priced(batch, batch.frame()[first:last]), whole[first:last])
    table = batch.frame().to_arrow()
    assert_frame_equal(priced(batch, table.slice(first, last - first)), whole[first:last])


@pytest.fixture(scope="module")
def month() -> tuple[Batch, pl.DataFrame]:
    """Return a batch and a table of 50 000 rows, more than one thread takes at a time."""
    component = {"type": "ENERGY", "price": Fraction("0.2871"), "step_size": 100}
    parking = {"type": "PARKING_TIME", "price": Fraction(3), "step_size": 300}
    taxed = [part | {"vat": Fraction(21)} for part in (component, parking)]
    night = {"price_components": [component], "restrictions": {"end_time": "06:00"}}
    tariff = {"currency": "EUR", "elements": [night, {"price_components": taxed}]}
    dear = {"currency": "EUR", "elements": [{"price_components": taxed}]}
    dear["max_price"] = {"excl_vat": Fraction(3), "incl_vat": Fraction("3.5")}
    batch = Batch(
        tariffs=[tariff | {"id": "A"}, dear | {"id": "B"}, tariff | {"id": "C"}],
        zones=["Europe/Amsterdam", "America/Toronto", "Pacific/Auckland"],
        policy={},
        rows=[],
    )
    start = STARTS[1]
    rows = []
    for index in range(500):
        at = start + timedelta(minutes=37 * index)
        plain = dict.fromkeys(PERIOD_FIELDS, 0)
        charged = plain | {"energy_e4": 991 * index % 140_000, "time_ms": 1_800_000}
        parked = plain | {"offset_ms": 1_800_000, "parking_ms": 7001 * index % 3_600_000}
        rows.append(
            {
                "tariff": index % 3,
                "start": at,
                "end": at + timedelta(hours=2),
                "currency": "SEK" if index % 97 == 0 else "EUR",
                "party": index % 7,
                "periods": [charged, parked] if index % 101 else [],
            }
        )
    return batch, pl.concat([batch.frame(rows)] * 100)


def test_threads_and_chunks_change_nothing(month: tuple[Batch, pl.DataFrame]) -> None:
    batch, frame = month
    tariffs = compiled(batch)
    one = pl.DataFrame(tariffs.price(frame, threads=1, detail=True))
    assert one["status"].n_unique() == 3
    assert_frame_equal(one[:500], one[49_500:])
    for threads in (2, 5, None):
        assert_frame_equal(pl.DataFrame(tariffs.price(frame, threads=threads, detail=True)), one)
    assert_frame_equal(pl.DataFrame(tariffs.price(frame.rechunk(), detail=True)), one)
    assert_frame_equal(pl.DataFrame(tariffs.price(frame)), one[:, :7])


def test_answers_in_use_stay_as_they_are(month: tuple[Batch, pl.DataFrame]) -> None:
    batch, frame = month
    held = priced(batch, frame)
    said = held.to_dict(as_series=False)
    for _ in range(3):
        # The memory of each answer is used again for the one after the next.
        assert_frame_equal(priced(batch, frame.reverse()).reverse(), held)
        assert len(priced(batch, frame.head(len(frame) * 2 // 3))) < len(held)
    assert held.to_dict(as_series=False) == said


@pytest.mark.parametrize(
    "by", [["party"], ["party", "currency"], ["tariff", "day"], ["month", "party", "tariff"], []]
)
def test_aggregate_is_a_group_by_of_priced_rows(
    by: list[str], month: tuple[Batch, pl.DataFrame]
) -> None:
    batch, frame = month
    tariffs = compiled(batch)
    rows = pl.DataFrame(tariffs.price(frame, detail=True)).hstack(frame.drop("periods"))
    zones = pl.DataFrame({"tariff": [0, 1, 2], "zone": batch.zones}).cast({"tariff": pl.UInt32})
    rows = rows.join(zones, on="tariff").with_columns(currency=pl.lit("EUR"))
    local = [
        pl.when(pl.col("zone") == zone).then(pl.col("start").dt.convert_time_zone(zone).dt.date())
        for zone in batch.zones
    ]
    rows = rows.with_columns(day=pl.coalesce(local))
    rows = rows.with_columns(
        month=pl.col("day").dt.year() * 100 + pl.col("day").dt.month().cast(pl.Int32)
    )
    good = pl.col("status") == 0
    wanted = (
        rows.group_by(by or [pl.lit(1).alias("all")])
        .agg(
            count=good.sum(),
            refused=(~good).sum(),
            with_findings=(good & (pl.col("findings") != 0)).sum(),
            total_excl=pl.col("total_excl_e4").filter(good).sum(),
            total_incl=pl.col("total_incl_e4").filter(good).sum(),
            billed_energy_kwh=pl.col("billed_energy_e4").filter(good).sum(),
            billed_time_s=pl.col("billed_time_ms").filter(good).sum(),
            billed_parking_s=pl.col("billed_parking_ms").filter(good).sum(),
        )
        .drop([] if by else ["all"])
        .sort(by or ["count"])
    )
    for threads in (1, 2):
        found = pl.DataFrame(tariffs.aggregate(frame, by, threads=threads))
        assert found.columns == wanted.columns
        found = found.sort(by or ["count"])
        for name in by:
            assert found[name].to_list() == wanted[name].to_list()
        for name, scale in (
            ("count", 1),
            ("refused", 1),
            ("with_findings", 1),
            ("total_excl", 10_000),
            ("total_incl", 10_000),
            ("billed_energy_kwh", 10_000),
            ("billed_time_s", 1000),
            ("billed_parking_s", 1000),
        ):
            assert [int(value * scale) for value in found[name]] == wanted[name].to_list(), name


def test_declared_totals_are_compared(month: tuple[Batch, pl.DataFrame]) -> None:
    batch, frame = month
    frame = frame[:500]
    tariffs = compiled(batch)
    plain = pl.DataFrame(tariffs.price(frame))
    right = frame.with_columns(declared_excl_e4=plain["total_excl_e4"])
    wrong = frame.with_columns(declared_excl_e4=plain["total_excl_e4"] + 20_000)
    bit = 1 << BITS.index("total_cost_differs")
    good = plain["status"] == 0
    for declared, differs in ((right, False), (wrong, True)):
        findings = pl.DataFrame(tariffs.price(declared))["findings"].filter(good)
        assert ((findings & bit) != 0).to_list() == [differs] * good.sum()


@profile(25)
@given(batches(), st.integers(1, 14))
def test_large_amounts_are_exact_or_refused(batch: Batch, power: int) -> None:
    """Prices times 10^n take the wide path, and at the end no path at all; never a wrong number."""
    highest = 0
    for tariff in batch.tariffs:
        for element in tariff["elements"]:
            for component in element["price_components"]:
                component["price"] *= 10**power
                highest = max(highest, abs(component["price"]))
    answers = [answer_of(row) for row in priced(batch, batch.frame()).to_dicts()]
    for row, answer in zip(batch.rows, answers, strict=True):
        wanted = row_of(batch, row)
        amounts = [v for k, v in wanted.items() if k.endswith("_e4") and v is not None]
        if answer["status"] in {"amount_overflow", "invalid_number"}:
            wide = power >= 11 or highest >= 10**11
            assert wide or any(abs(amount) >= 2**62 for amount in amounts)
        else:
            assert answer == wanted


@pytest.mark.parametrize(
    ("price", "volume", "vat", "total"),
    [
        ("-26000", "1", 11, (-26_000_0000, -28_860_0000)),  # dong and rupiah have such fees
        ("-0.69350001", "10", 0, (-6_9350, -6_9350)),
        ("-100000", "200000", 0, (-20_000_000_000_0000, -20_000_000_000_0000)),
    ],
)
def test_what_is_paid_out_is_held_by_no_limit(
    price: str, volume: str, vat: int, total: tuple[int, int]
) -> None:
    component = {"type": "ENERGY", "price": float(price), "step_size": 1, "vat": vat}
    tariff = {"id": "T", "currency": "EUR", "elements": [{"price_components": [component]}]}
    tariffs = tariff_core.compile(
        json.dumps([tariff | {"last_updated": "2025-01-01T00:00:00Z"}]), zones="UTC"
    )
    start = datetime(2025, 6, 6, 10, tzinfo=UTC)
    period = {
        "offset_ms": 0,
        "energy_e4": int(volume) * 10_000,
        "time_ms": 3_600_000,
        "parking_ms": 0,
    }
    row = {"tariff": 0, "start": start, "end": start + timedelta(hours=1), "periods": [period]}
    frame = pl.DataFrame([row], schema_overrides={"tariff": pl.UInt32})
    [found] = pl.DataFrame(tariffs.price(frame)).to_dicts()
    assert (found["total_excl_e4"], found["total_incl_e4"]) == total
    assert not found["findings"] & 1 << BITS.index("min_price_applied")


# --- what is no proper table ----------------------------------------------------------------------


def sample(month: tuple[Batch, pl.DataFrame]) -> tuple[Any, pa.Table, pl.DataFrame]:
    """Return compiled tariffs, a small table and its answer."""
    batch, frame = month
    tariffs = compiled(batch)
    table = frame[100:140].to_arrow()
    return tariffs, table, pl.DataFrame(tariffs.price(table, detail=True))


@pytest.mark.parametrize("column", ["tariff", "start", "periods"])
def test_missing_column_is_named(column: str, month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, _ = sample(month)
    with pytest.raises(ValueError, match=column):
        tariffs.price(table.drop_columns([column]))


@pytest.mark.parametrize("column", list(SCHEMA))
@pytest.mark.parametrize("kind", [pa.float64(), pa.bool_(), pa.binary()], ids=str)
def test_column_of_a_wrong_type_is_named(
    column: str, kind: pa.DataType, month: tuple[Batch, pl.DataFrame]
) -> None:
    tariffs, table, _ = sample(month)
    wrong = pa.nulls(len(table), kind)
    position = table.schema.get_field_index(column)
    changed = table.set_column(position, column, wrong)
    if column == "party":
        tariffs.price(changed)
        with pytest.raises(ValueError, match=column):
            tariffs.aggregate(changed, ["party"])
        return
    with pytest.raises(ValueError, match=column):
        tariffs.price(changed)


@pytest.mark.parametrize("field", list(PERIOD_FIELDS)[:4])
def test_missing_or_wrong_field_of_periods_is_named(
    field: str, month: tuple[Batch, pl.DataFrame]
) -> None:
    tariffs, _, _ = sample(month)
    frame = month[1][:10]
    structs = pl.element().struct
    names = [name for name in PERIOD_FIELDS if name != field]
    without = frame.with_columns(
        pl.col("periods").list.eval(pl.struct(structs.field(name) for name in names))
    )
    with pytest.raises(ValueError, match=field):
        tariffs.price(without)
    wrong = frame.with_columns(
        pl.col("periods").list.eval(
            pl.struct(
                *[structs.field(name) for name in names], structs.field(field).cast(pl.Float64)
            )
        )
    )
    with pytest.raises(ValueError, match=field):
        tariffs.price(wrong)


@pytest.mark.parametrize("thing", [None, 7, "table", [1, 2], {"tariff": [0]}], ids=str)
def test_what_is_no_table_is_a_type_error(thing: Any, month: tuple[Batch, pl.DataFrame]) -> None:
    with pytest.raises(TypeError):
        compiled(month[0]).price(thing)


class Stream:
    """Something that says it is a table and hands out whatever `make` returns."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        return self.make()


def test_stream_that_is_none_is_an_error(month: tuple[Batch, pl.DataFrame]) -> None:
    """A wrong object, a capsule of another kind, one used before, a producer that fails."""
    tariffs, table, answer = sample(month)
    for thing in (None, 7, b"arrow_array_stream"):
        with pytest.raises(TypeError):
            tariffs.price(Stream(lambda thing=thing: thing))
    with pytest.raises(ValueError, match="name"):
        tariffs.price(Stream(table.schema.__arrow_c_schema__))
    capsule = table.__arrow_c_stream__()
    assert_frame_equal(pl.DataFrame(tariffs.price(Stream(lambda: capsule), detail=True)), answer)
    with pytest.raises(ValueError, match="released"):
        tariffs.price(Stream(lambda: capsule))

    def cut_off() -> Iterator[pa.RecordBatch]:
        yield from table.to_batches(max_chunksize=10)
        raise ConnectionError("cut off")

    with pytest.raises(ValueError, match="cut off"):
        tariffs.price(pa.RecordBatchReader.from_batches(table.schema, cut_off()))


@pytest.mark.parametrize("key", ["periods", "start", "nothing", "party" * 100])
def test_key_that_is_no_column_of_integers_is_refused(
    key: str, month: tuple[Batch, pl.DataFrame]
) -> None:
    tariffs, table, _ = sample(month)
    with pytest.raises(ValueError, match=r"[Cc]olumn|key"):
        tariffs.aggregate(table, [key])


def test_no_rows_are_priced_as_no_rows(month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, answer = sample(month)
    empty = pl.DataFrame(tariffs.price(table.slice(0, 0), detail=True))
    assert_frame_equal(empty, answer[:0])
    assert len(pl.DataFrame(tariffs.aggregate(table.slice(0, 0), ["party"]))) == 0
    none = pl.DataFrame(tariff_core.compile("[]").price(table))
    assert {STATUS[code] for code in none["status"]} == {"unknown_tariff_id"}


def test_layouts_of_the_same_table_are_one(month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, answer = sample(month)
    batches_of_3 = pa.Table.from_batches(table.to_batches(max_chunksize=3))
    assert_frame_equal(pl.DataFrame(tariffs.price(batches_of_3, detail=True)), answer)
    batch = table.combine_chunks().to_batches()[0]
    assert_frame_equal(pl.DataFrame(tariffs.price(batch, detail=True)), answer)
    sliced = pa.concat_tables([table, table]).combine_chunks().slice(37, 40)
    again = pl.DataFrame(tariffs.price(sliced, detail=True))
    assert_frame_equal(again, pl.concat([answer[37:], answer[:37]]))
    kind = table.schema.field("periods").type
    small = (
        pa.list_(kind.value_type)
        if pa.types.is_large_list(kind)
        else pa.large_list(kind.value_type)
    )
    position = table.schema.get_field_index("periods")
    other = table.set_column(position, "periods", table["periods"].cast(small))
    assert_frame_equal(pl.DataFrame(tariffs.price(other, detail=True)), answer)
    for unit in ("s", "us", "ns"):
        start = table["start"].cast(pa.timestamp(unit, "UTC"))
        at = table.schema.get_field_index("start")
        found = pl.DataFrame(tariffs.price(table.set_column(at, "start", start), detail=True))
        assert_frame_equal(found, answer)


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["EUR", "SEK"])], ids=str)
def test_currencies_may_be_categories(kind: Any, month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, answer = sample(month)
    frame = pl.DataFrame(table).with_columns(pl.col("currency").cast(kind))
    assert_frame_equal(pl.DataFrame(tariffs.price(frame, detail=True)), answer)
    position = table.schema.get_field_index("currency")
    nulls = pa.array([None] * len(table), pa.string()).dictionary_encode()
    found = pl.DataFrame(tariffs.price(table.set_column(position, "currency", nulls)))
    assert {STATUS[code] for code in found["status"]} <= {"currency_mismatch", "no_periods"}


def test_columns_of_no_rows_are_checked(month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, _ = sample(month)
    nothing = pa.Table.from_batches([], table.schema.remove(table.schema.get_field_index("start")))
    with pytest.raises(ValueError, match="start"):
        tariffs.price(nothing)
    with pytest.raises(ValueError, match="start"):
        tariffs.aggregate(nothing, ["party"])


@pytest.mark.parametrize(
    ("limits", "readings", "priced_by"),
    [
        ({"max_power": 16}, {"min_power_w": None, "max_power_w": None}, "default"),
        ({"max_power": 16}, {"min_power_w": 11_000, "max_power_w": None}, "element"),
        ({"max_power": 16}, {"min_power_w": 0, "max_power_w": 0}, "element"),
        ({"max_power": 16}, {"max_power_w": 11_000}, "default"),
        ({"min_power": 11}, {"max_power_w": 11_000}, "element"),
        ({"max_current": 16}, {"min_current_ma": None, "max_current_ma": None}, "default"),
        ({"max_current": 17}, {"min_current_ma": 16_000}, "element"),
        ({"max_power": 16}, {}, "default"),
    ],
    ids=str,
)
def test_reading_that_is_null_is_none(limits: Document, readings: Document, priced_by: str) -> None:
    """8 kWh cost 1.60 below the limit and 4.00 without a reading, as in a document."""
    cheap = {"type": "ENERGY", "price": Fraction("0.2"), "step_size": 1}
    dear = cheap | {"price": Fraction("0.5")}
    elements = [{"price_components": [cheap], "restrictions": limits}, {"price_components": [dear]}]
    text = write([{"id": "A", "currency": "EUR", "elements": elements}])
    period = {"offset_ms": 0, "energy_e4": 80_000, "time_ms": 0, "parking_ms": 0} | readings
    kinds = {name: PERIOD_FIELDS[name] for name in period}
    frame = pl.DataFrame(
        {"tariff": [0], "start": [STARTS[0]], "periods": [[period]]},
        schema={
            "tariff": pl.UInt32,
            "start": SCHEMA["start"],
            "periods": pl.List(pl.Struct(kinds)),
        },
    )
    answer = pl.DataFrame(tariff_core.compile(text, zones="UTC").price(frame)).row(0, named=True)
    assert answer["total_excl_e4"] == (16_000 if priced_by == "element" else 40_000)
    missing = 1 << BITS.index("missing_reading")
    assert bool(answer["findings"] & missing) == (priced_by == "default")


def test_duckdb_hands_tables_in_and_takes_answers(month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, answer = sample(month)
    with duckdb.connect() as connection:
        connection.register("sessions", table)
        relation = connection.sql("select * from sessions")
        assert_frame_equal(pl.DataFrame(tariffs.price(relation, detail=True)), answer)
        connection.register("answers", pa.table(tariffs.price(table, detail=True)))
        sums = connection.sql("select sum(total_excl_e4) from answers where status = 0").fetchall()
    assert sums[0][0] == answer.filter(pl.col("status") == 0)["total_excl_e4"].sum()


@pytest.mark.parametrize("column", ["tariff", "start", "periods"])
def test_null_leaves_only_its_row_without_a_price(
    column: str, month: tuple[Batch, pl.DataFrame]
) -> None:
    tariffs, table, answer = sample(month)
    position = table.schema.get_field_index(column)
    values = table[column].to_pylist()
    values[5] = None
    holed = pa.array(values, type=table.schema.field(column).type)
    found = pl.DataFrame(tariffs.price(table.set_column(position, column, holed), detail=True))
    assert found["status"][5] != 0
    assert found["total_excl_e4"][5] is None
    keep = [index for index in range(len(table)) if index != 5]
    assert_frame_equal(found[keep], answer[keep])


def test_null_period_leaves_its_row_without_a_price(month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, answer = sample(month)
    position = table.schema.get_field_index("periods")
    values = table["periods"].to_pylist()
    values[5][1] = None
    values[6][0]["offset_ms"] = None
    holed = pa.array(values, type=table.schema.field("periods").type)
    found = pl.DataFrame(tariffs.price(table.set_column(position, "periods", holed), detail=True))
    assert 0 not in found["status"][5:7]
    keep = [index for index in range(len(table)) if index not in {5, 6}]
    assert_frame_equal(found[keep], answer[keep])


@pytest.mark.parametrize("offsets", [[0, 3, 2], [3, 1, 3]], ids=str)
def test_offsets_that_lie_are_refused(
    offsets: list[int], month: tuple[Batch, pl.DataFrame]
) -> None:
    tariffs, table, _ = sample(month)
    lists = table["periods"].combine_chunks()
    lists = lists.cast(pa.list_(lists.type.value_type))
    child = lists.values.slice(0, 3)
    buffer = pa.array(offsets, pa.int32()).buffers()[1]
    lying = pa.Array.from_buffers(lists.type, 2, [None, buffer], children=[child])
    two = table.slice(0, 2)
    position = two.schema.get_field_index("periods")
    broken = two.set_column(position, pa.field("periods", lists.type), lying)
    with pytest.raises(ValueError, match=r"offset|period"):
        tariffs.price(broken)


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 2**62])
@pytest.mark.parametrize("field", ["offset_ms", "energy_e4", "time_ms", "parking_ms"])
def test_extreme_volumes_are_answered(
    field: str, value: int, month: tuple[Batch, pl.DataFrame]
) -> None:
    """No overflow becomes a number: the row is refused, or costs what Python's integers say."""
    tariffs, _, _ = sample(month)
    period = dict.fromkeys(PERIOD_FIELDS, 0) | {"time_ms": 1000, field: value}
    wide = dict.fromkeys(PERIOD_FIELDS, pl.Int64)
    row = {"tariff": 0, "start": STARTS[0], "end": STARTS[0], "periods": [period, period]}
    kinds = {name: SCHEMA[name] for name in ("tariff", "start", "end")}
    frame = pl.DataFrame([row], schema={**kinds, "periods": pl.List(pl.Struct(wide))})
    answer = pl.DataFrame(tariffs.price(frame, detail=True)).row(0, named=True)
    if STATUS[answer["status"]] == "priced" and field == "energy_e4":
        assert answer["billed_energy_e4"] in {2 * value, -(-2 * value // 1000) * 1000}
    assert STATUS[answer["status"]] in {
        "priced",
        "amount_overflow",
        "invalid_number",
        "invalid_timestamp",
    }


@pytest.mark.parametrize("start", [-(2**63), -(2**53), 0, 2**53, 2**63 - 1])
def test_extreme_instants_are_answered(start: int, month: tuple[Batch, pl.DataFrame]) -> None:
    tariffs, table, answer = sample(month)
    table = table.drop_columns(["end"])
    position = table.schema.get_field_index("start")
    values = table["start"].cast(pa.int64()).to_pylist()
    values[5] = start
    found = pl.DataFrame(
        tariffs.price(table.set_column(position, "start", pa.array(values)), detail=True)
    )
    assert found["status"][6:].to_list() == answer["status"][6:].to_list()


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_line_is_priced_as_its_document(case: Case) -> None:
    named = case.arguments | {"reservation": "auto"}
    report = json.loads(tariff_core.price(case.cdr, case.tariffs, **named))
    try:
        tariffs = tariff_core.compile(
            case.tariffs, zones=named["time_zone"], policy=named["policy"]
        )
        line = " ".join(case.cdr.split("\n"))
    except ValueError:
        assert report["status"] == "error"
        return
    (row,) = pl.DataFrame(tariffs.price_json(line)).to_dicts()
    assert STATUS[row["status"]] == (report["error"] or "priced")
    for side, name in (("excl_vat", "total_excl_e4"), ("incl_vat", "total_incl_e4")):
        total = report["total_cost"] and report["total_cost"][side]
        assert row[name] == (None if total is None else Fraction(total) * 10_000)


def test_line_goes_by_the_zone_of_its_location() -> None:
    """Where no zone is given, that of the location decides; none is not UTC."""
    case = next(case for case in load_cases() if case.name == "h55_weekday_local")
    policy = case.arguments["policy"]
    for country, error in (("NLD", None), ("USA", "missing_time_zone")):
        cdr = case.cdr.replace("NLD", country)
        report = json.loads(tariff_core.price(cdr, case.tariffs, policy=policy))
        assert report["error"] == error
        tariffs = tariff_core.compile(case.tariffs, policy=policy)
        (row,) = pl.DataFrame(tariffs.price_json(" ".join(cdr.split("\n")))).to_dicts()
        assert STATUS[row["status"]] == (error or "priced")
        if error is None:
            assert row["total_excl_e4"] == Fraction(report["total_cost"]["excl_vat"]) * 10_000


def test_compile_refuses_what_is_no_list_of_tariffs() -> None:
    for text in ("", "{", b"\xff"):
        with pytest.raises(ValueError, match=r"."):
            tariff_core.compile(text)
    for text in ("7", '[{"id": []}]', '[{"id": "A", "currency": "EUR", "elements": [7]}]'):
        assert tariff_core.compile(text).plans == (0, 0, 1)
    with pytest.raises(ValueError, match="Mars"):
        tariff_core.compile('[{"id":"A","currency":"EUR","elements":[]}]', zones="Mars/Base")
    with pytest.raises(ValueError, match=r"zone"):
        tariff_core.compile("[]", zones=["UTC"])


def test_a_price_that_changes_with_the_date_changes_at_midnight() -> None:
    def element(price: float, **rules: str) -> Document:
        component = {"type": "ENERGY", "price": price, "step_size": 1}
        return {"price_components": [component], "restrictions": rules}

    tariff = {
        "id": "T",
        "currency": "EUR",
        "elements": [element(0.1, end_date="2025-03-12"), element(0.2)],
        "last_updated": "2025-01-01T00:00:00Z",
    }
    period = {"energy_e4": 10_000, "time_ms": 3_600_000, "parking_ms": 0}
    frame = pl.DataFrame(
        {
            "tariff": [0],
            "start": [datetime(2025, 3, 11, 23, tzinfo=UTC)],
            "periods": [[{**period, "offset_ms": hour * 3_600_000} for hour in range(2)]],
        },
        schema_overrides={"tariff": pl.UInt32},
    )
    priced = tariff_core.compile(json.dumps([tariff]), zones="UTC").price(frame)
    unpriced = 1 << BITS.index("no_price_component:TIME")
    assert pl.DataFrame(priced).select("findings", "total_excl_e4").row(0) == (unpriced, 3_000)

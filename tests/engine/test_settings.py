"""Settings: a flag wins over the environment, that over the file, that over the default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.kernel.party import Role
from engine.settings import (
    KEYS,
    BadSettings,
    ClientSettings,
    Flags,
    OurParty,
    read,
    read_client,
)
from gateways.common import settings as gateway_settings
from gateways.common.settings import Option


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "interwatt.toml"
    path.write_text(
        '[engine]\nlisten = "127.0.0.1:3"\ndatabase = "postgresql://file/x"\n'
        '[platform]\nparties = ["NL-FIL"]\nname = "From the file"\n'
    )
    return str(path)


def test_defaults_are_on_loopback_and_below_the_data_folder() -> None:
    settings = read(Flags(data="/d"), {})
    assert settings.listen == "127.0.0.1:50051"
    assert settings.metrics_listen == ""
    assert settings.database_url == "sqlite:////d/interwatt.db"
    assert settings.keys_dir == Path("/d/keys")
    assert [party.key for party in settings.parties] == ["NL-IWT"]


def test_the_stronger_source_wins(config: str) -> None:
    environ = {"INTERWATT_CONFIG": config, "INTERWATT_ENGINE_LISTEN": "127.0.0.1:2"}
    assert read(Flags(listen="127.0.0.1:1"), environ).listen == "127.0.0.1:1"
    assert read(Flags(), environ).listen == "127.0.0.1:2"
    assert read(Flags(), {"INTERWATT_CONFIG": config}).listen == "127.0.0.1:3"
    assert read(Flags(config=config), {}).platform_name == "From the file"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[engine]\nlisen = "127.0.0.1:3"\n', "'lisen' in [engine]; expected address, data"),
        ("[retenton]\nevent_days = 1\n", "'retenton'; expected [engine], [events]"),
        ('engine = "x"\n', "'engine'; expected [engine]"),
    ],
)
def test_what_nobody_reads_is_no_setting(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "interwatt.toml"
    path.write_text(text)
    with pytest.raises(BadSettings, match=re.escape(told)):
        read(Flags(config=str(path)), {})


def test_gateways_settings_are_known() -> None:
    options = [found for found in vars(gateway_settings).values() if isinstance(found, Option)]
    assert options
    for option in options:
        section, _, key = option.key.partition(".")
        assert key in KEYS[section]


def test_lists_come_from_everywhere(config: str) -> None:
    def keys(flags: Flags, environ: dict[str, str]) -> list[str]:
        return [party.key for party in read(flags, environ).parties]

    environ = {"INTERWATT_PARTIES": "NL-ENA, NL-ENB:CPO"}
    assert keys(Flags(parties=["NL-FLA"], config=config), environ) == ["NL-FLA"]
    assert keys(Flags(config=config), environ) == ["NL-ENA", "NL-ENB"]
    assert keys(Flags(config=config), {}) == ["NL-FIL"]


def test_a_party_may_say_what_it_does() -> None:
    assert OurParty.parse("nl-iwt").roles == (Role.CPO, Role.EMSP)
    assert OurParty.parse("NL-IWT:cpo+HUB") == OurParty(
        key=OurParty.parse("NL-IWT").key, roles=(Role.CPO, Role.HUB)
    )


@pytest.mark.parametrize(
    "flags",
    [
        Flags(listen="50051"),
        Flags(listen="127.0.0.1:99999"),
        Flags(metrics=":9"),
        Flags(log_level="loud"),
        Flags(parties=["Netherlands"]),
        Flags(parties=["NL-IWT:KING"]),
        Flags(config="/nowhere.toml"),
    ],
    ids=repr,
)
def test_what_cannot_be_used_is_one_line(flags: Flags) -> None:
    with pytest.raises(BadSettings) as refused:
        read(flags, {})
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_toml_or_holds_another_type_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    for text in ("[", '[platform]\nparties = "NL-IWT"\n', "[platform]\nparties = []\n"):
        path.write_text(text)
        with pytest.raises(BadSettings):
            read(Flags(config=str(path)), {})


class TestClient:
    def test_the_admins_key_file_is_the_default(self, tmp_path: Path) -> None:
        (tmp_path / "keys").mkdir()
        (tmp_path / "keys" / "admin.key").write_text("secret\n")
        found = read_client(environ={"INTERWATT_DATA": str(tmp_path)})
        assert found == ClientSettings(engine="127.0.0.1:50051", key="secret")

    def test_what_is_said_last_by_hand_wins(self, tmp_path: Path) -> None:
        path = tmp_path / "k"
        path.write_text("from the file")
        environ = {"INTERWATT_KEY": "from the environment", "INTERWATT_KEY_FILE": "/nowhere"}
        assert read_client(key="given", key_file=str(path), environ=environ).key == "given"
        assert read_client(key_file=str(path), environ=environ).key == "from the file"
        assert read_client(environ=environ).key == "from the environment"
        assert read_client(environ={"INTERWATT_KEY_FILE": str(path)}).key == "from the file"

    def test_a_key_is_not_shown(self) -> None:
        assert "secret" not in repr(ClientSettings(engine="x:1", key="secret"))

    def test_no_key_says_where_it_was_looked_for(self, tmp_path: Path) -> None:
        with pytest.raises(BadSettings, match="--key-file"):
            read_client(environ={"INTERWATT_DATA": str(tmp_path)})


def test_events_and_request_ids_are_kept_as_long_as_was_said(tmp_path: Path) -> None:
    file = tmp_path / "interwatt.toml"
    file.write_text('[events]\nnats = "nats://a:4222"\n[retention]\nevent_days = 7\n')
    found = read(Flags(config=str(file), request_id_days="0"), {"INTERWATT_NATS": "nats://b:4222"})
    assert (found.nats_url, found.event_days, found.request_id_days) == ("nats://b:4222", 7, 0)
    assert (read(Flags(), {}).event_days, read(Flags(), {}).request_id_days) == (30, 90)
    with pytest.raises(BadSettings, match="whole number"):
        read(Flags(event_days="a week"), {})

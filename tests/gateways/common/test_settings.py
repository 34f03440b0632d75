"""Where a setting comes from, and what is said of a bad one."""

from pathlib import Path

import pytest

from gateways.common import settings
from gateways.common.process import BadInput

KEYED = {"INTERWATT_KEY": "k"}


def read(argv: list[str], environ: dict[str, str]) -> settings.GatewaySettings:
    return settings.read(
        program="interwatt ocpp",
        description="",
        epilog="",
        listen=settings.OCPP_LISTEN,
        argv=argv,
        environ=environ,
    )


def test_defaults_are_on_loopback() -> None:
    found = read([], KEYED)
    assert (found.engine, str(found.listen)) == ("127.0.0.1:50051", "127.0.0.1:9000")
    assert found.metrics is None
    assert found.gateway_id


def test_flag_wins_over_environment_over_file(tmp_path: Path) -> None:
    file = tmp_path / "interwatt.toml"
    file.write_text('[engine]\naddress = "file:1"\n[ocpp]\nlisten = "file:2"\n[log]\nlevel="debug"')
    environ = {
        **KEYED,
        "INTERWATT_CONFIG": str(file),
        "INTERWATT_ENGINE": "environment:1",
        "INTERWATT_OCPP_LISTEN": "environment:2",
    }
    found = read(["--listen", "flag:3"], environ)
    assert found.engine == "environment:1"
    assert str(found.listen) == "flag:3"
    assert found.log_level == "debug"


def test_a_key_file_given_as_flag_wins_over_a_key_in_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-file\n")
    assert read(["--key-file", str(file)], KEYED).key == "from-file"


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(read(["--key", "secret"], {}).__class__.key)
    assert "key=" not in repr(read(["--key", "secret"], {})).split("values")[0]


@pytest.mark.parametrize(
    ("argv", "environ", "message"),
    [
        ([], {}, "No key for the engine"),
        (["--key-file", "/nowhere/key"], {}, "Key file /nowhere/key cannot be read"),
        (["--listen", "9000"], KEYED, 'Expected HOST:PORT for --listen, found "9000"'),
        (["--listen", "a:70000"], KEYED, "Expected HOST:PORT"),
        (["--log-level", "loud"], KEYED, 'found "loud"'),
        (["--config", "/nowhere/file"], KEYED, "Settings file /nowhere/file cannot be read"),
    ],
)
def test_bad_settings_are_said_in_one_line(
    argv: list[str], environ: dict[str, str], message: str
) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        read(argv, environ)
    assert "\n" not in str(caught.value)

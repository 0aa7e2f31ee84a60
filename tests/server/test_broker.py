"""The own broker: who may say and read what, held by a real NATS server."""

import asyncio
import re
from pathlib import Path

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server import broker, setup
from sigap_server.broker_log import BrokerLog
from sigap_server.counters import Counters
from sigap_server.settings import MqttSettings, Settings
from sigap_wire import topics
from tests.support.installation import Installation
from tests.support.units import WireUnit
from tests.support.waiting import eventually, eventually_async

HASH = broker.hash_password("secret")
REFUSED = 0x80


def server_client(installation: Installation) -> aiomqtt.Client:
    identity = setup.read_identity(installation.settings)
    return aiomqtt.Client(
        "127.0.0.1",
        installation.settings.mqtt.port,
        username=broker.SERVER_USER,
        password=identity.password,
        identifier="test-server",
    )


async def received(client: aiomqtt.Client, last: bytes) -> list[bytes]:
    """Payloads until `last`, which is included."""
    found = []
    async with asyncio.timeout(10):
        async for message in client.messages:
            found.append(bytes(message.payload))
            if message.payload == last:
                break
    return found


@pytest.mark.parametrize("kind", topics.FROM_UNIT)
async def test_a_unit_publishes_under_its_own_id_only(installation: Installation, kind: str) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    async with server_client(installation) as server, WireUnit(a, port) as unit_a, WireUnit(b, port) as unit_b:
        await server.subscribe(topics.topic("+", kind), 1)
        # The broker acknowledges a forged message like any other and delivers it to nobody.
        await unit_a.publish_to(topics.topic("unit-b", kind), b"forged")
        await unit_a.publish(kind, b"of a")
        await unit_b.publish(kind, b"of b")
        found = await received(server, b"of b")
    assert b"forged" not in found
    assert b"of a" in found


@pytest.mark.parametrize("kind", topics.TO_UNIT)
async def test_a_unit_gives_no_orders(installation: Installation, kind: str) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    async with server_client(installation) as server, WireUnit(b, port) as unit_b, WireUnit(a, port) as unit_a:
        reader = unit_b._client
        unit_b._reading.cancel()
        await unit_b.subscribe(topics.topic("unit-b", kind))
        for forged_to in ("unit-b", "unit-a"):
            await unit_a.publish_to(topics.topic(forged_to, kind), b"forged")
        await server.publish(topics.topic("unit-b", kind), b"true", 1)
        assert await received(reader, b"true") == [b"true"]


@pytest.mark.parametrize(
    "topic",
    [
        "sigap/v1/unit/unit-b/order",
        "sigap/v1/unit/unit-b/report",
        "sigap/v1/unit/unit-a/report",
        "sigap/v1/unit/+/order",
        "sigap/v1/unit/*/order",
        "sigap/v1/unit/unit-a/order/#",
        "sigap/#",
        "#",
        "$MQTT/#",
        "$MQTT/msgs/sigap/v1/unit/unit-b/order",
        "$MQTT/sub/#",
        "$SYS/#",
        "$JS/#",
        "_INBOX/#",
    ],
)
async def test_a_unit_reads_nothing_but_its_orders(installation: Installation, topic: str) -> None:
    a, _ = installation.add_units("unit-a", "unit-b")
    async with WireUnit(a, installation.settings.mqtt.port) as unit:
        assert await unit.subscribe(topic) == REFUSED
        assert await unit.subscribe("sigap/v1/unit/unit-a/order") == 1


async def test_the_server_sends_orders_only(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with server_client(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await server.subscribe(topics.topic("+", topics.REPORT), 1)
        await server.publish(topics.topic("unit-a", topics.REPORT), b"forged", 1)
        await unit.publish(topics.REPORT, b"true")
        assert await received(server, b"true") == [b"true"]


async def test_wrong_passwords_and_strangers_are_refused(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    for user, password in ((a.user, "guessed"), ("unit-z", a.password), (broker.SERVER_USER, "")):
        with pytest.raises(aiomqtt.MqttError, match=r"[Aa]uthor"):
            async with aiomqtt.Client(
                "127.0.0.1", installation.settings.mqtt.port, username=user, password=password, timeout=5
            ):
                pass


async def test_a_new_unit_is_let_in_while_the_broker_runs_and_others_stay(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    port = installation.settings.mqtt.port
    async with WireUnit(a, port) as unit_a:
        (b,) = installation.add_units("unit-b")

        async def is_let_in() -> bool:
            try:
                async with WireUnit(b, port):
                    return True
            except aiomqtt.MqttError:
                return False

        await eventually_async(is_let_in)
        assert not unit_a._reading.done(), "the reload cut off a unit that did not change"
        await unit_a.report()


async def test_registering_again_ends_the_old_password(installation: Installation) -> None:
    (old,) = installation.add_units("unit-a")
    port = installation.settings.mqtt.port
    async with WireUnit(old, port) as unit:
        (new,) = installation.add_units("unit-a")
        await eventually_async(lambda: unit._reading.done(), what="the old connection's end")
    assert new.password != old.password
    async with WireUnit(new, port):
        pass
    with pytest.raises(aiomqtt.MqttError):
        async with WireUnit(old, port):
            pass


async def test_what_the_broker_refuses_is_counted(installation: Installation) -> None:
    a, _ = installation.add_units("unit-a", "unit-b")
    counters = Counters()
    log = BrokerLog(broker.log_path(installation.settings), counters)
    async with WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.publish_to("sigap/v1/unit/unit-b/report", b"forged")
        await unit.subscribe("sigap/v1/unit/unit-b/order")
    with pytest.raises(aiomqtt.MqttError):
        async with WireUnit(a._replace(password="guessed"), installation.settings.mqtt.port):
            pass

    def counts() -> tuple[int, int]:
        log.read()
        return counters["broker.permission_violations"], counters["broker.authentication_failures"]

    eventually(lambda: counts() == (2, 1), what="both violations and the wrong password counted")


async def test_a_message_of_any_size_is_refused_and_disturbs_nobody(installation: Installation) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    counters = Counters()
    log = BrokerLog(broker.log_path(installation.settings), counters)
    async with server_client(installation) as server, WireUnit(a, port) as unit_a, WireUnit(b, port) as unit_b:
        await server.subscribe(topics.topic("+", topics.REPORT), 1)
        unit_a._client.timeout = 1
        with pytest.raises(aiomqtt.MqttError):
            await unit_a.publish(topics.REPORT, bytes(installation.settings.limits.payload_bytes + 1))
        await unit_b.publish(topics.REPORT, b"of b")
        assert await received(server, b"of b") == [b"of b"]

    def count() -> int:
        log.read()
        return counters["broker.oversized"]

    assert eventually(count) == 1


def test_the_log_is_followed_when_nats_begins_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "nats.log"
    line = '[1] 2026/01/01 00:00:00.000000 [ERR] 1.2.3.4:5 - mid:6 - "unit-a" - Publish Violation - Subject "x.y"\n'
    path.write_text(line)
    counters = Counters()
    log = BrokerLog(path, counters)
    log.read()
    assert counters["broker.permission_violations"] == 0, "what was there before is not counted again"
    with path.open("a") as file:
        file.write(line + line[:30])
    log.read()
    with path.open("a") as file:
        file.write(line[30:])
    log.read()
    assert counters["broker.permission_violations"] == 2
    path.rename(tmp_path / "nats.log.1")
    path.write_text(line)
    log.read()
    assert counters["broker.permission_violations"] == 3


def test_the_configuration_is_the_same_text_for_the_same_users(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    users = [broker.BrokerUser("unit-a", HASH)]
    assert broker.write_config(settings, users)
    assert not broker.write_config(settings, users)
    assert broker.config_path(settings).stat().st_mode & 0o077 == 0, "hashes are nobody else's business"
    assert "secret" not in broker.config_path(settings).read_text()


def test_sync_is_a_setting(tmp_path: Path) -> None:
    always = broker.render_config(Settings(data_dir=tmp_path), [])
    interval = broker.render_config(Settings(data_dir=tmp_path, mqtt=MqttSettings(sync="interval")), [])
    assert 'sync_interval: "always"' in always
    assert "sync_interval" not in interval


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=32))
def test_no_unit_id_reaches_beyond_its_own_subjects(unit_id: str) -> None:
    if unit_id.startswith("-"):
        return
    text = broker.render_config(Settings(), [broker.BrokerUser(unit_id, HASH)])
    subjects = re.findall(r'"(sigap\.[^"]*)"', text)
    assert subjects == [f"sigap.v1.unit.{unit_id}.{kind}" for kind in (*topics.FROM_UNIT, *topics.TO_UNIT)]
    assert unit_id != broker.SERVER_USER


def test_a_reload_without_a_broker_signals_nobody(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert not broker.reload(settings)
    broker.pid_path(settings).parent.mkdir()
    broker.pid_path(settings).write_text("1")
    assert not broker.reload(settings), "process 1 is not our broker, whatever the file says"

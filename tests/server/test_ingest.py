"""From the broker into the database: what is stored, what is refused, and what a failing database changes."""

import asyncio
import sqlite3
import time

import pytest

from sigap_server import broker, setup
from sigap_server.inbox import LARGEST_BYTES
from sigap_server.store import history
from sigap_wire import ack, result, topics
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.report import MAX_FIXES, Fix, Report
from tests.server.conftest import Install
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import BANDUNG, WireUnit
from tests.support.waiting import eventually_async

FIXES = "SELECT unit_id, boot_id, seq, live, lat_e7 FROM fix JOIN unit USING (unit_key) ORDER BY 1, 2, 3"
QUARANTINE = "SELECT topic, code, reason, payload, payload_bytes FROM quarantine ORDER BY quarantine_id"


async def test_fixes_are_stored_with_what_the_unit_said(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        before_ms = time.time_ns() // 1_000_000
        fixes = [
            Fix(1_790_000_000, -69_000_000, 1_070_000_000, 1234, 27_000, 2, 11, 85, 3),
            Fix(1_790_000_001, -69_000_100, 1_070_000_100, 0, 36_000, 1, 9, 9_999, 1),
        ]
        await unit.publish(topics.BACKLOG, Report(1, 40, fixes).encode())
        await server.counted("ingest.fixes", 2)
        rows = await server.rows(
            "SELECT boot_id, seq, live, fix_time_s, lat_e7, lon_e7, speed_cmps, course_cdeg, quality, satellites,"
            " hdop_centi, reason, received_ms FROM fix ORDER BY seq"
        )
    assert [row[:12] for row in rows] == [(1, 40 + i, 0, *fix.values()) for i, fix in enumerate(fixes)]
    assert all(before_ms <= row[12] <= time.time_ns() // 1_000_000 for row in rows)


async def test_a_repeated_message_is_stored_once(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        for seq, fixes in ((0, 3), (0, 3), (2, 2)):
            await unit.publish(topics.REPORT, unit.report_bytes(seq, fixes=fixes))
        await server.counted("ingest.messages", 4)
        assert [row[2] for row in await server.rows(FIXES)] == [0, 1, 2, 3]
        assert server.service.counters["ingest.fixes"] == 4
        assert server.service.counters["ingest.fixes_repeated"] == 4


async def test_late_backlog_is_history_and_never_the_latest(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.publish(topics.REPORT, unit.report_bytes(10, lat_e7=-69_000_010))
        await unit.publish(topics.BACKLOG, unit.report_bytes(0, lat_e7=-60_000_000, fixes=10))
        await server.counted("ingest.fixes", 11)
        (view,) = server.service.unit_views(["unit-a"])
    assert view["lat"] == -6.9000010


@pytest.mark.parametrize(
    ("kind", "payload", "code", "reason"),
    [
        (topics.REPORT, b"", "wire", "cut short"),
        (topics.REPORT, b"\x00", "wire", "not a CBOR array"),
        (topics.LINK, Link(1, 1, True, "x").encode() + b"\x00", "wire", "1 bytes after the message"),
        (topics.ACK, Health(1, 1, {}).encode(), "wire", "has 3 fields, expected 6"),
        (topics.HEALTH, bytes(LARGEST_BYTES + 1), "size", f"{LARGEST_BYTES + 1} bytes, at most {LARGEST_BYTES}"),
        (topics.REPORT, b"\x81\x02", "wire", "wire version 2, expected 1"),
    ],
)
async def test_what_is_not_the_wire_is_kept_with_its_reason(
    installation: Installation, kind: str, payload: bytes, code: str, reason: str
) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.publish(kind, payload)
        await unit.report()
        await server.counted("ingest.fixes")
        await server.counted("ingest.quarantined_" + code)
        ((topic, *found),) = await server.rows(QUARANTINE)
    assert topic == unit.topic(kind)
    assert found[0] == code
    assert reason in found[1]
    assert found[2:] == [payload[:LARGEST_BYTES], len(payload)]


async def test_a_unit_registered_by_another_program_is_heard_at_once(installation: Installation) -> None:
    async with running(installation) as server:
        (a,) = await asyncio.to_thread(installation.add_units, "unit-a")
        async with WireUnit(a, installation.settings.mqtt.port) as unit:
            await unit.report()
            await server.counted("ingest.fixes")
        assert server.service.counters["ingest.quarantined"] == 0


async def test_a_unit_that_is_not_registered_is_refused(installation: Installation) -> None:
    password = broker.new_password()
    identity = setup.read_identity(installation.settings)
    users = [
        broker.BrokerUser(broker.SERVER_USER, identity.password_hash),
        broker.BrokerUser("unit-x", broker.hash_password(password)),
    ]
    broker.write_config(installation.settings, users)
    assert broker.reload(installation.settings)
    stranger = broker.Credentials("unit-x", password)
    async with running(installation) as server, WireUnit(stranger, installation.settings.mqtt.port) as unit:
        await unit.report()
        await server.counted("ingest.quarantined_unit", 2)
        rows = await server.rows(QUARANTINE)
    assert [row[:3] for row in rows] == [
        (unit.topic(kind), "unit", "unit unit-x is not registered") for kind in (topics.LINK, topics.REPORT)
    ]


async def test_a_unit_with_a_new_memory_starts_anew(installation: Installation) -> None:
    """It counts its boots from 1 again; its fixes are no repetitions of those before."""
    (old,) = installation.add_units("unit-a")
    async with running(installation) as server:
        async with WireUnit(old, installation.settings.mqtt.port) as unit:
            await unit.report(lat_e7=-61_000_000, fixes=5)
            await server.counted("ingest.fixes", 5)
        (new,) = await asyncio.to_thread(installation.add_units, "unit-a")
        await eventually_async(
            lambda: server.service.fleet.unit("unit-a").position is None, what="the new registration"
        )
        async with WireUnit(new, installation.settings.mqtt.port) as unit:
            await unit.report(lat_e7=-62_000_000)
            await server.counted("ingest.fixes", 6)
        (view,) = server.service.unit_views(["unit-a"])
    assert view["lat"] == -6.2


async def test_one_message_the_database_cannot_take_holds_up_no_other(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    add_fixes = history.add_fixes

    async def choke(connection: object, rows: list[dict[str, object]]) -> int:
        if any(row["seq"] == 13 for row in rows):
            raise ValueError("unlucky")
        return await add_fixes(connection, rows)

    monkeypatch.setattr(history, "add_fixes", choke)
    port = installation.settings.mqtt.port
    async with running(installation) as server, WireUnit(a, port) as unit_a, WireUnit(b, port) as unit_b:
        async with server.service.database.turn:
            # All of these come in one batch.
            for seq in (12, 13, 14):
                await unit_a.publish(topics.REPORT, unit_a.report_bytes(seq))
                await unit_b.publish(topics.REPORT, unit_b.report_bytes(seq + 10))
        await server.counted("ingest.fixes", 5)
        await server.counted("ingest.quarantined_internal")
        assert [row[2] for row in await server.rows(FIXES)] == [12, 14, 22, 23, 24]
        assert "ValueError: unlucky" in (await server.rows(QUARANTINE))[0][2]


async def test_while_the_database_is_away_nothing_is_acknowledged_and_nothing_lost(install: Install) -> None:
    installation = install(mqtt={"ack_wait_s": 1, "max_ack_pending": 16})
    installation.start_broker()
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.report()
        await server.counted("ingest.fixes")
        other = sqlite3.connect(installation.settings.database_path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(99):
            await unit.report()
        await server.counted("ingest.database_retries")
        # The broker delivers again what is not acknowledged; here that is one message and not two.
        await server.counted("mqtt.redeliveries_pending")
        assert server.service.counters["ingest.queue"] <= 16
        assert server.service.counters["ingest.fixes"] == 1
        assert (await server.client.get("/api/v1/status")).status_code == 200, "reading still works"
        other.execute("ROLLBACK")
        other.close()
        await server.counted("ingest.fixes", 100)
        assert [row[2] for row in await server.rows(FIXES)] == list(range(100))


async def test_links_and_health_keep_the_latest(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port, boot_id=2) as unit:
        await server.counted("ingest.links")
        for link in (Link(2, 2, True, "1.2"), Link(2, 1, False, "1.2"), Link(1, 9, True, "1.1")):
            await unit.publish(topics.LINK, link.encode())
        await unit.publish(topics.HEALTH, Health(2, 60, {"fixes": 1, "queue": 0}).encode())
        await unit.publish(topics.HEALTH, Health(2, 360, {"fixes": 301, "queue": 2}).encode())
        await server.counted("ingest.health", 2)
        await server.counted("ingest.links", 4)
        assert await server.rows("SELECT boot_id, connection, online, firmware FROM unit_link") == [(2, 2, 1, "1.2")]
        assert await server.rows("SELECT boot_id, uptime_s, counters FROM unit_health") == [
            (2, 360, '{"fixes":301,"queue":2}')
        ]
        assert server.service.fleet.unit("unit-a").online is True


async def test_a_unit_that_dies_is_lost_by_its_will(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.report()
        await eventually_async(lambda: server.service.fleet.unit("unit-a").link == "fresh", what="unit fresh")
        unit.die()
        await eventually_async(lambda: server.service.fleet.unit("unit-a").link == "lost", what="unit lost")


async def test_an_acknowledgement_of_no_order_is_stored_with_the_refusal(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        message = ack.Ack(1, 0, 4711, 1, ack.ACCEPTED, 0).encode()
        for _ in range(2):
            await unit.publish(topics.ACK, message)
        await server.counted("ingest.messages", 3)
        assert await server.rows("SELECT order_id, kind, refused FROM ack") == [(4711, 1, "unknown_order")]
        assert server.service.counters["ingest.acks_repeated"] == 1
        assert server.service.counters["dispatch.acks_refused"] == 1


async def test_results_are_stored_once_and_counted(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        refused = result.Result(1, 0, result.SUBJECT_CONFIG, 12, result.REFUSED, 0, "gps.baud is unknown")
        wanted = result.Result(1, 1, result.SUBJECT_UPDATE, 41, result.WANTED, 4096)
        back = result.Result(1, 2, result.SUBJECT_UPDATE, 41, result.ROLLED_BACK, 0, "no fix within 600 s")
        for message in (refused, refused, wanted, back):
            await unit.publish(topics.RESULT, message.encode())
        await server.counted("ingest.messages", 5)
        rows = await server.rows("SELECT boot_id, seq, subject, number, outcome, value, detail FROM result")
        assert rows == [(1, 0, 0, 12, 1, 0, "gps.baud is unknown"), (1, 2, 1, 41, 6, 0, "no fix within 600 s")]
        counted = {name: number for name, number in server.service.counters.read().items() if ".results" in name}
        assert counted == {
            "ingest.results": 2,
            "ingest.results_refused": 2,
            "ingest.results_repeated": 1,
            "ingest.results_wanted": 1,
        }


async def test_quarantine_keeps_the_newest_only(install: Install) -> None:
    installation = install(limits={"quarantine_rows": 100, "quarantine_bytes": 64})
    installation.start_broker()
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        for number in range(150):
            await unit.publish(topics.REPORT, b"%03d" % number + bytes(100))
        await server.counted("ingest.quarantined", 150)
        rows = await server.rows(QUARANTINE)
    assert [row[3][:3] for row in rows] == [b"%03d" % number for number in range(50, 150)]
    assert {(len(row[3]), row[4]) for row in rows} == {(64, 103)}


async def test_the_largest_report_fits(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.report(*BANDUNG, fixes=MAX_FIXES)
        await server.counted("ingest.fixes", MAX_FIXES)


async def test_the_fleet_is_back_after_a_restart(installation: Installation) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port

    def views(server: Running) -> list[dict[str, object]]:
        return server.service.unit_views(["unit-a", "unit-b"])

    async with WireUnit(a, port) as unit_a, WireUnit(b, port, boot_id=7) as unit_b:
        async with running(installation) as server:
            await unit_a.report(lat_e7=-61_000_000)
            await unit_b.publish(topics.BACKLOG, unit_b.report_bytes(5))
            unit_b.die()
            await server.counted("ingest.links", 3)
            await server.counted("ingest.fixes", 2)
            await eventually_async(lambda: views(server)[1]["link"] == "lost", what="unit-b lost")
            before = views(server)
        async with running(installation) as server:
            assert views(server) == before
            assert server.service.fleet.unit("unit-b").boot_id == 7

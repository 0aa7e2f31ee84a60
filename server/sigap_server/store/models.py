"""The tables. The migrations make them; a test holds the two together.

Times are Unix milliseconds in columns *_ms and Unix seconds in *_s. What the wire gives as uint32 is a BigInteger, as
PostgreSQL's INTEGER ends at 2³¹. Units, boots and sequence numbers key the histories, never a clock.
"""

from sqlalchemy import BigInteger, ForeignKey, Index, MetaData, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON

from sigap_wire.ack import EMERGENCY


class Base(DeclarativeBase):
    # Named constraints, so that later migrations can name what they change.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Unit(Base):
    """One registration of a unit. Registering it again retires the row and adds another: the unit's memory may be new
    and count its boots from 1 again, and its messages must not be taken for repetitions of the old ones.

    password_hash   the bcrypt hash that the broker compares with
    kind … sector   traits.Traits; skills as a list
    duty            fleet.Duty, since duty_ms
    """

    __tablename__ = "unit"
    __table_args__ = (
        Index("uq_unit_current", "unit_id", unique=True, sqlite_where=text("retired_ms IS NULL")),
        {"sqlite_autoincrement": True},
    )

    unit_key: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    callsign: Mapped[str]
    password_hash: Mapped[str]
    registered_ms: Mapped[int] = mapped_column(BigInteger)
    retired_ms: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(server_default="car")
    skills: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    agency: Mapped[str] = mapped_column(server_default=text("''"))
    sector: Mapped[str] = mapped_column(server_default=text("''"))
    duty: Mapped[str] = mapped_column(server_default="available")
    duty_ms: Mapped[int | None] = mapped_column(BigInteger)


class UnitLink(Base):
    """A unit's latest link message."""

    __tablename__ = "unit_link"

    unit_key: Mapped[int] = mapped_column(ForeignKey("unit.unit_key"), primary_key=True, autoincrement=False)
    boot_id: Mapped[int] = mapped_column(BigInteger)
    connection: Mapped[int] = mapped_column(BigInteger)
    online: Mapped[bool]
    firmware: Mapped[str]
    received_ms: Mapped[int] = mapped_column(BigInteger)


class UnitHealth(Base):
    """A unit's latest health message."""

    __tablename__ = "unit_health"

    unit_key: Mapped[int] = mapped_column(ForeignKey("unit.unit_key"), primary_key=True, autoincrement=False)
    boot_id: Mapped[int] = mapped_column(BigInteger)
    uptime_s: Mapped[int] = mapped_column(BigInteger)
    counters: Mapped[dict[str, int]] = mapped_column(JSON)
    received_ms: Mapped[int] = mapped_column(BigInteger)


class Fix(Base):
    """The history. Its key is its order and what makes a repeated delivery harmless; it needs no rowid beside it."""

    __tablename__ = "fix"
    __table_args__ = ({"sqlite_with_rowid": False},)

    unit_key: Mapped[int] = mapped_column(ForeignKey("unit.unit_key"), primary_key=True, autoincrement=False)
    boot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    fix_time_s: Mapped[int] = mapped_column(BigInteger)
    received_ms: Mapped[int] = mapped_column(BigInteger)
    live: Mapped[bool]
    lat_e7: Mapped[int]
    lon_e7: Mapped[int]
    speed_cmps: Mapped[int]
    course_cdeg: Mapped[int]
    quality: Mapped[int] = mapped_column(SmallInteger)
    satellites: Mapped[int] = mapped_column(SmallInteger)
    hdop_centi: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[int] = mapped_column(SmallInteger)


class Ack(Base):
    """Every acknowledgement as it came; the key makes a repeated delivery harmless."""

    __tablename__ = "ack"
    # An officer's emergency lasts until its end is said, however many acknowledgements of orders ago it began.
    __table_args__ = (
        Index("ix_ack_distress", "unit_key", "boot_id", "seq", sqlite_where=text(f"kind >= {EMERGENCY}")),
    )

    unit_key: Mapped[int] = mapped_column(ForeignKey("unit.unit_key"), primary_key=True, autoincrement=False)
    boot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int]
    kind: Mapped[int] = mapped_column(SmallInteger)
    ack_time_s: Mapped[int] = mapped_column(BigInteger)
    received_ms: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[str | None]


class Result(Base):
    """Every result as it came; the key makes a repeated delivery harmless. `result_id` is the order of arrival."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("unit_key", "boot_id", "seq"),)

    result_id: Mapped[int] = mapped_column(primary_key=True)
    unit_key: Mapped[int] = mapped_column(ForeignKey("unit.unit_key"))
    boot_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[int] = mapped_column(SmallInteger)
    value: Mapped[int] = mapped_column(BigInteger)
    detail: Mapped[str]
    received_ms: Mapped[int] = mapped_column(BigInteger)


class Alert(Base):
    """A call for help. `alert_id` is the sender's UUID, by which a repeated press is known.

    incident_id   the incident it belongs to; duplicates share one
    source        alerts.SOURCES: who sent it
    device_id     the sender's device, None if it did not say
    """

    __tablename__ = "alert"

    alert_id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(BigInteger, index=True)
    kind: Mapped[str]
    lat_e7: Mapped[int]
    lon_e7: Mapped[int]
    accuracy_m: Mapped[int | None]
    text: Mapped[str]
    pressed_ms: Mapped[int] = mapped_column(BigInteger)
    received_ms: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(server_default="citizen")
    device_id: Mapped[str | None] = mapped_column(index=True)


class Incident(Base):
    """Where each incident stands: what its events amount to, for lists. Written in the events' transaction."""

    __tablename__ = "incident"

    incident_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alert.alert_id"), unique=True)
    priority: Mapped[int] = mapped_column(SmallInteger)
    phase: Mapped[str]
    unit_id: Mapped[str | None]
    closed_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)
    disposition: Mapped[str | None]
    verdict: Mapped[str | None]


class Event(Base):
    """The append-only log. `event_id` is the order in which everything happened, `seq` counts within the incident."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("incident_id", "seq"),)

    event_id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.incident_id"))
    seq: Mapped[int]
    time_ms: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    actor: Mapped[str]
    data: Mapped[dict[str, object]] = mapped_column(JSON)


class Weighing(Base):
    """What a decision was made on: every unit as it stood. `seq` is the event's of that incident.

    policy_hash   names the rules, in `policy`
    data          packed, as dispatch.weighing writes it
    """

    __tablename__ = "weighing"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.incident_id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    policy_hash: Mapped[str] = mapped_column(ForeignKey("policy.policy_hash"))
    data: Mapped[bytes]


class Policy(Base):
    """Every set of rules that decisions were made by, as TOML; `policy_hash` is its SHA-256."""

    __tablename__ = "policy"

    policy_hash: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    first_used_ms: Mapped[int] = mapped_column(BigInteger)


class RoadChange(Base):
    """Roads that operators closed or slowed.

    factor       travel times are multiplied by it, None for a closed road
    area         GeoJSON geometry of the polygon, or None
    street       the street's name, or None; exactly one of the two is there
    ended_ms     when an operator took it back, None if nobody did
    """

    __tablename__ = "road_change"

    change_id: Mapped[int] = mapped_column(primary_key=True)
    factor: Mapped[float | None]
    area: Mapped[dict[str, object] | None] = mapped_column(JSON)
    street: Mapped[str | None]
    reason: Mapped[str]
    actor: Mapped[str]
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_by: Mapped[str | None]


class LearnedTimes(Base):
    """What the fleet's tracks taught about one map; `built_from` names it, as in its road file.

    data    counts, packed as learning.pack does it
    up_to   by unit_key, as text: boot_id and seq of the last fix that was looked at
    """

    __tablename__ = "learned_times"

    built_from: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]
    up_to: Mapped[dict[str, list[int]]] = mapped_column(JSON)


class Quarantine(Base):
    """Messages that were refused: the first bytes, and why."""

    __tablename__ = "quarantine"

    quarantine_id: Mapped[int] = mapped_column(primary_key=True)
    received_ms: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[str]
    payload: Mapped[bytes]
    payload_bytes: Mapped[int]
    code: Mapped[str]
    reason: Mapped[str]


class Operator(Base):
    """Someone who may log in."""

    __tablename__ = "operator"

    operator_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    created_ms: Mapped[int] = mapped_column(BigInteger)


class Session(Base):
    """A login. Only the token's SHA-256 is kept: who reads the database cannot log in with it."""

    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.operator_id"))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger, index=True)

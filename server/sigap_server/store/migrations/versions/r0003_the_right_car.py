"""What units are and whether on duty; alerts that share an incident; what decisions were made on; closed roads;
learned travel times."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for column in (
        sa.Column("kind", sa.String(), server_default="car", nullable=False),
        sa.Column("skills", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("agency", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sector", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("duty", sa.String(), server_default="available", nullable=False),
        sa.Column("duty_ms", sa.BigInteger(), nullable=True),
    ):
        op.add_column("unit", column)
    op.add_column("incident", sa.Column("verdict", sa.String(), nullable=True))
    with op.batch_alter_table("alert") as alert:
        alert.drop_constraint("uq_alert_incident_id")
        alert.add_column(sa.Column("source", sa.String(), server_default="citizen", nullable=False))
        alert.add_column(sa.Column("device_id", sa.String(), nullable=True))
        alert.create_index("ix_alert_incident_id", ["incident_id"])
        alert.create_index("ix_alert_device_id", ["device_id"])
    op.create_table(
        "policy",
        sa.Column("policy_hash", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("first_used_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("policy_hash", name=op.f("pk_policy")),
    )
    op.create_table(
        "weighing",
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("policy_hash", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.incident_id"], name=op.f("fk_weighing_incident_id")),
        sa.ForeignKeyConstraint(["policy_hash"], ["policy.policy_hash"], name=op.f("fk_weighing_policy_hash")),
        sa.PrimaryKeyConstraint("incident_id", "seq", name=op.f("pk_weighing")),
    )
    op.create_table(
        "road_change",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Double(), nullable=True),
        sa.Column("area", sa.JSON(), nullable=True),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_road_change")),
    )
    op.create_table(
        "learned_times",
        sa.Column("built_from", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("up_to", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("built_from", name=op.f("pk_learned_times")),
    )

"""What units answer to changes of their settings, to updates and to orders they cannot read; officers' emergencies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "result",
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("unit_key", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.unit_key"], name=op.f("fk_result_unit_key")),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_result")),
        sa.UniqueConstraint("unit_key", "boot_id", "seq", name=op.f("uq_result_unit_key_boot_id_seq")),
    )
    op.create_index("ix_ack_distress", "ack", ["unit_key", "boot_id", "seq"], sqlite_where=sa.text("kind >= 7"))

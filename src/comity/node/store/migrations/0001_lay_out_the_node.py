# SPDX-License-Identifier: Apache-2.0
"""All tables of a node."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import comity.assistance.model


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CounterRow",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("value", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ExhibitRow",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=40)),
                ("description", models.TextField()),
                ("status", models.CharField(max_length=12)),
                ("seized_at", models.DateTimeField(blank=True, null=True)),
                ("place", models.CharField(max_length=500)),
                ("legal_type", models.CharField(max_length=500)),
                ("legal_identifier", models.CharField(max_length=500)),
                ("created", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="HubRow",
            fields=[
                ("key_id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("seal", models.JSONField()),
                ("pinned", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEntryRow",
            fields=[
                ("index", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("leaf", models.BinaryField()),
                ("leaf_sha256", models.CharField(max_length=64, unique=True)),
                ("slot", models.CharField(max_length=64, unique=True)),
                ("sequenced", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerItemRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=200, unique=True)),
                ("secret", models.BinaryField()),
                ("next_sequence", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="LedgerPolicyRow",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("text", models.BinaryField()),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerWitnessRow",
            fields=[
                ("authority", models.CharField(max_length=140, primary_key=True, serialize=False)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("checkpoint", models.BigIntegerField(blank=True, null=True)),
                ("cosigned", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("next_attempt", models.DateTimeField(blank=True, null=True)),
                ("problem", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="LineRow",
            fields=[
                ("authority", models.CharField(max_length=140, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("next_attempt", models.DateTimeField(blank=True, null=True)),
                ("last_receipt", models.CharField(blank=True, default="", max_length=64)),
                ("greeted", models.DateTimeField(blank=True, null=True)),
                ("asked", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="StepHealthRow",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("last_done", models.DateTimeField(blank=True, null=True)),
                ("last_failed", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="WitnessedLogRow",
            fields=[
                ("origin", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("authority", models.CharField(max_length=140)),
                ("size", models.PositiveBigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("note", models.BinaryField()),
                ("signed_at", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="OfficerRow",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("login", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("language", models.CharField(default="en", max_length=12)),
                ("is_active", models.BooleanField(default=True)),
                ("created", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("login__regex", "^[a-z][a-z0-9._-]*$")),
                        name="officer_login_form",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=60)),
                ("authority", models.CharField(max_length=140)),
                ("subject_kind", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=140)),
                ("request", models.UUIDField(blank=True, null=True)),
                ("payload", models.BinaryField()),
                ("leaf_index", models.PositiveBigIntegerField(unique=True)),
                ("leaf_sha256", models.CharField(max_length=64, unique=True)),
                (
                    "officer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DispatchRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("peer", models.CharField(max_length=140)),
                ("content", models.CharField(max_length=10)),
                ("priority", models.CharField(max_length=10)),
                ("state", models.CharField(max_length=16)),
                ("created", models.DateTimeField()),
                ("expires", models.DateTimeField()),
                ("updated", models.DateTimeField()),
                ("problem", models.TextField(blank=True, default="")),
                ("failures", models.PositiveIntegerField(default=0)),
                ("next_attempt", models.DateTimeField(blank=True, null=True)),
                ("tidied", models.BooleanField(default=False)),
                ("package", models.UUIDField(blank=True, null=True, unique=True)),
                ("sha256", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("identifier", models.UUIDField(blank=True, null=True, unique=True)),
                ("type", models.CharField(blank=True, default="", max_length=100)),
                ("case", models.UUIDField(blank=True, null=True)),
                ("seq", models.PositiveIntegerField(default=0)),
                ("raw", models.BinaryField(default=b"")),
            ],
            options={
                "indexes": [models.Index(fields=["state", "peer"], name="dispatch_open")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "queued",
                                    "accepted",
                                    "relayed",
                                    "delivered",
                                    "handed_over",
                                    "refused",
                                    "failed",
                                    "not_delivered",
                                ],
                            )
                        ),
                        name="dispatch_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content__in", ["statement", "package"])),
                        name="dispatch_content",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["urgent", "normal", "bulk"])),
                        name="dispatch_priority",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content", "package"),
                                ("package__isnull", False),
                                ("sha256__isnull", True),
                            ),
                            models.Q(
                                ("content", "statement"),
                                ("package__isnull", True),
                                ("seq__gt", 0),
                                ("sha256__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="dispatch_of_one_kind",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("content", "statement")),
                        fields=("peer", "case", "seq"),
                        name="dispatch_series",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExhibitFileRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=1000)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("sha512", models.CharField(max_length=128)),
                (
                    "exhibit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="file_rows",
                        to="store.exhibitrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CustodyRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveIntegerField()),
                ("event", models.CharField(max_length=20)),
                ("authority", models.CharField(max_length=140)),
                ("at", models.DateTimeField()),
                ("statement", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("proof", models.BinaryField(default=b"")),
                (
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.auditrow",
                    ),
                ),
                (
                    "exhibit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="custody_rows",
                        to="store.exhibitrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AcquisitionRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("lodged", models.DateTimeField()),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "exhibit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acquisition_row",
                        to="store.exhibitrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DirectoryRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("raw", models.BinaryField()),
                ("issued", models.DateTimeField()),
                ("expires", models.DateTimeField()),
                ("pinned", models.DateTimeField()),
                (
                    "hub",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="directory_rows",
                        to="store.hubrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KeyStatementRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("authority", models.CharField(max_length=140)),
                ("root_key_id", models.CharField(max_length=64)),
                ("serial", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("raw", models.BinaryField()),
                ("expires", models.DateTimeField()),
                ("pinned", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority", "root_key_id", "serial"), name="statement_serial_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerCheckpointRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.PositiveBigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("note", models.BinaryField()),
                ("signed", models.DateTimeField()),
                ("final", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["size", "final"], name="ledger_checkpoint_size")],
            },
        ),
        migrations.CreateModel(
            name="LedgerOpeningRow",
            fields=[
                ("index", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("sequence", models.PositiveBigIntegerField()),
                ("salt", models.BinaryField()),
                ("private", models.BinaryField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.ledgeritemrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerStateRow",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("integrated", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="ledger_state_is_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("integrated__lte", models.F("size"))),
                        name="ledger_integrated_is_sequenced",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerTileRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.PositiveBigIntegerField()),
                ("data", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("level", "index"), name="ledger_tile_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="NonceRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_id", models.CharField(max_length=64)),
                ("nonce", models.CharField(max_length=64)),
                ("seen", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key_id", "nonce"), name="nonce_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficerRoleRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(max_length=20)),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_rows",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PackageRow",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("direction", models.CharField(max_length=10)),
                ("status", models.CharField(max_length=20)),
                ("complete", models.BooleanField()),
                ("seal_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("parcel_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("size", models.PositiveBigIntegerField(blank=True, null=True)),
                ("report", models.BinaryField(default=b"")),
                ("report_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("verified", models.BooleanField(blank=True, null=True)),
                ("problem", models.TextField(blank=True, default="")),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt", models.DateTimeField(blank=True, null=True)),
                ("made", models.DateTimeField()),
                ("updated", models.DateTimeField()),
                (
                    "ordered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PackageExhibitRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "exhibit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="package_rows",
                        to="store.exhibitrow",
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exhibit_rows",
                        to="store.packagerow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ParcelInRow",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sender", models.CharField(max_length=140)),
                ("header", models.BinaryField()),
                ("content", models.CharField(max_length=10)),
                ("part_list", models.CharField(max_length=64)),
                ("list_data", models.BinaryField(blank=True, null=True)),
                ("size", models.PositiveBigIntegerField()),
                ("arrival", models.CharField(max_length=10)),
                ("offered", models.DateTimeField()),
                ("completed", models.DateTimeField(blank=True, null=True)),
                ("expires", models.DateTimeField()),
                ("problem", models.TextField(blank=True, default="")),
                ("stored", models.BooleanField(default=True)),
            ],
            options={
                "indexes": [models.Index(fields=["arrival", "content"], name="parcel_in_arrival")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrival__in", ["offered", "complete", "opened", "refused"])
                        ),
                        name="parcel_in_arrival",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content__in", ["statement", "package"])),
                        name="parcel_in_content",
                    ),
                    models.UniqueConstraint(
                        fields=("sender", "part_list"), name="parcel_in_list_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParcelOutRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("header", models.BinaryField()),
                ("part_list", models.CharField(max_length=64, unique=True)),
                ("list_data", models.BinaryField()),
                ("size", models.PositiveBigIntegerField()),
                ("sealed", models.DateTimeField()),
                ("retired", models.BooleanField(default=False)),
                (
                    "dispatch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcel_rows",
                        to="store.dispatchrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PartInRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "parcel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="part_rows",
                        to="store.parcelinrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PeerRow",
            fields=[
                ("authority", models.CharField(max_length=140, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("state", models.CharField(max_length=2)),
                ("roles", models.JSONField(default=list)),
                ("root", models.JSONField()),
                ("serial", models.PositiveBigIntegerField()),
                ("status", models.CharField(default="known", max_length=12)),
                ("last_heard", models.DateTimeField(blank=True, null=True)),
                ("clock_difference", models.IntegerField(blank=True, null=True)),
                ("last_problem", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["known", "quarantined"])),
                        name="peer_status",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("issuer", models.CharField(max_length=140)),
                ("recipient", models.CharField(max_length=140)),
                ("parcel", models.CharField(blank=True, db_index=True, default="", max_length=64)),
                (
                    "statement",
                    models.CharField(blank=True, db_index=True, default="", max_length=64),
                ),
                ("previous", models.CharField(blank=True, default="", max_length=64)),
                ("at", models.DateTimeField()),
                ("kept", models.DateTimeField()),
                ("reason_code", models.CharField(blank=True, default="", max_length=100)),
                ("reason", models.TextField(blank=True, default="")),
                ("raw", models.BinaryField()),
                ("to_send", models.BooleanField(default=False)),
                (
                    "dispatch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipt_rows",
                        to="store.dispatchrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RequestRow",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("direction", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=20)),
                ("measure", models.CharField(max_length=60)),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("local_reference", models.CharField(blank=True, default="", max_length=200)),
                ("title", models.CharField(max_length=200)),
                ("requesting", models.CharField(max_length=140)),
                ("requested", models.CharField(max_length=140)),
                ("urgency", models.CharField(max_length=20)),
                ("preservation_of", models.UUIDField(blank=True, null=True)),
                ("state", models.CharField(max_length=30)),
                ("outcome", models.CharField(max_length=20)),
                ("turn", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                ("instrument", models.CharField(blank=True, default="", max_length=60)),
                ("article", models.CharField(blank=True, default="", max_length=120)),
                ("record", models.BinaryField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("due", models.DateTimeField(blank=True, null=True)),
                ("due_label", models.CharField(blank=True, default="", max_length=300)),
                ("created", models.DateTimeField()),
                ("updated", models.DateTimeField()),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "basis_chosen_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PeerProofRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("authority", models.CharField(max_length=140)),
                ("event", models.CharField(max_length=60)),
                ("proof", models.BinaryField(default=b"")),
                ("received", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt", models.DateTimeField(blank=True, null=True)),
                ("problem", models.TextField(blank=True, default="")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proof_rows",
                        to="store.requestrow",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="packagerow",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="package_rows",
                to="store.requestrow",
            ),
        ),
        migrations.AddField(
            model_name="exhibitrow",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exhibit_rows",
                to="store.requestrow",
            ),
        ),
        migrations.CreateModel(
            name="AssignmentRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignment_rows",
                        to="store.requestrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AssessmentRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made", models.DateTimeField()),
                ("as_of", models.DateField()),
                ("pack_name", models.CharField(max_length=100)),
                ("pack_version", models.CharField(max_length=60)),
                ("pack_digest", models.CharField(max_length=64)),
                ("body", models.BinaryField()),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessment_rows",
                        to="store.requestrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApprovalRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approval_rows",
                        to="store.requestrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementInRow",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("identifier", models.UUIDField()),
                ("sender", models.CharField(max_length=140)),
                ("type", models.CharField(max_length=100)),
                ("case", models.UUIDField()),
                ("seq", models.PositiveIntegerField()),
                ("previous", models.CharField(blank=True, default="", max_length=64)),
                ("raw", models.BinaryField()),
                ("created", models.DateTimeField()),
                ("arrived", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("applied", models.DateTimeField(blank=True, null=True)),
                ("problem", models.TextField(blank=True, default="")),
                ("urgent", models.BooleanField(default=False)),
                (
                    "parcel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_rows",
                        to="store.parcelinrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TimelineRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=60)),
                ("authority", models.CharField(max_length=140)),
                ("text", models.TextField(blank=True, default="")),
                ("facts", models.JSONField(default=list)),
                ("statement", models.CharField(blank=True, default="", max_length=64)),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.auditrow",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="timeline_rows",
                        to="store.requestrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WitnessEvidenceRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("origin", models.CharField(max_length=255)),
                ("authority", models.CharField(max_length=140)),
                ("kind", models.CharField(max_length=20)),
                ("submitted", models.BinaryField()),
                ("held", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["fork", "inconsistent"])),
                        name="witness_evidence_kind",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="auditrow",
            index=models.Index(fields=["request", "at"], name="audit_request"),
        ),
        migrations.AddIndex(
            model_name="auditrow",
            index=models.Index(fields=["subject_kind", "subject"], name="audit_subject"),
        ),
        migrations.AddConstraint(
            model_name="auditrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "subject_kind__in",
                        ["request", "exhibit", "package", "officer", "peer", "directory", "node"],
                    )
                ),
                name="audit_subject_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="exhibitfilerow",
            constraint=models.UniqueConstraint(
                fields=("exhibit", "path"), name="exhibit_file_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="custodyrow",
            constraint=models.UniqueConstraint(
                fields=("exhibit", "sequence"), name="custody_sequence_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="custodyrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("audit__isnull", False), ("proof", b"")),
                    ("audit__isnull", True),
                    _connector="OR",
                ),
                name="custody_proof_or_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="directoryrow",
            constraint=models.UniqueConstraint(
                fields=("hub", "version"), name="directory_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="officerrolerow",
            constraint=models.UniqueConstraint(
                fields=("officer", "role"), name="officer_role_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="officerrolerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        ["drafter", "approver", "central", "examiner", "supervisor", "operator"],
                    )
                ),
                name="officer_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="packageexhibitrow",
            constraint=models.UniqueConstraint(
                fields=("package", "exhibit"), name="package_exhibit_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="parceloutrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired", False)),
                fields=("dispatch",),
                name="parcel_out_one_current",
            ),
        ),
        migrations.AddConstraint(
            model_name="partinrow",
            constraint=models.UniqueConstraint(fields=("parcel", "number"), name="part_in_once"),
        ),
        migrations.AddIndex(
            model_name="receiptrow",
            index=models.Index(fields=["to_send", "recipient"], name="receipt_to_send"),
        ),
        migrations.AddConstraint(
            model_name="receiptrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "submitted",
                            "submission_refused",
                            "accepted",
                            "relayed",
                            "relay_refused",
                            "relay_failed",
                            "delivered",
                            "not_delivered",
                            "handed_over",
                            "verified",
                        ],
                    )
                ),
                name="receipt_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="requestrow",
            index=models.Index(fields=["direction", "state"], name="request_direction_state"),
        ),
        migrations.AddIndex(
            model_name="requestrow",
            index=models.Index(fields=["due"], name="request_due"),
        ),
        migrations.AddIndex(
            model_name="requestrow",
            index=models.Index(fields=["preservation_of"], name="request_preservation"),
        ),
        migrations.AddConstraint(
            model_name="requestrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("direction", comity.assistance.model.Direction["OUTGOING"]),
                        (
                            "state__in",
                            [
                                comity.assistance.model.State["DRAFT"],
                                comity.assistance.model.State["AWAITING_APPROVAL"],
                                comity.assistance.model.State["SENT"],
                                comity.assistance.model.State["ACKNOWLEDGED"],
                                comity.assistance.model.State["INFORMATION_REQUESTED"],
                                comity.assistance.model.State["CONDITION_OFFERED"],
                                comity.assistance.model.State["CONSULTATION"],
                                comity.assistance.model.State["ACCEPTED"],
                                comity.assistance.model.State["PARTLY_ANSWERED"],
                                comity.assistance.model.State["ANSWERED"],
                                comity.assistance.model.State["CLOSED"],
                                comity.assistance.model.State["REFUSED"],
                                comity.assistance.model.State["WITHDRAWN"],
                            ],
                        ),
                    ),
                    models.Q(
                        ("direction", comity.assistance.model.Direction["INCOMING"]),
                        (
                            "state__in",
                            [
                                comity.assistance.model.State["RECEIVED"],
                                comity.assistance.model.State["ACKNOWLEDGED"],
                                comity.assistance.model.State["INFORMATION_REQUESTED"],
                                comity.assistance.model.State["CONDITION_OFFERED"],
                                comity.assistance.model.State["CONSULTATION"],
                                comity.assistance.model.State["ACCEPTED"],
                                comity.assistance.model.State["IN_EXECUTION"],
                                comity.assistance.model.State["PARTLY_DELIVERED"],
                                comity.assistance.model.State["DELIVERED"],
                                comity.assistance.model.State["CLOSED"],
                                comity.assistance.model.State["REFUSED"],
                                comity.assistance.model.State["WITHDRAWN"],
                            ],
                        ),
                    ),
                    _connector="OR",
                ),
                name="request_state_of_direction",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["preservation", "mutual_assistance"])),
                name="request_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("requesting", models.F("requested")), _negated=True),
                name="request_two_authorities",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerproofrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_attempt__isnull", False), ("proof", b"")),
                    models.Q(
                        models.Q(("proof", b""), _negated=True), ("next_attempt__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="peer_proof_here_or_awaited",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerproofrow",
            constraint=models.UniqueConstraint(
                fields=("request", "authority", "event"), name="peer_proof_once"
            ),
        ),
        migrations.AddIndex(
            model_name="packagerow",
            index=models.Index(fields=["status", "next_attempt"], name="package_due"),
        ),
        migrations.AddConstraint(
            model_name="packagerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("direction", "outgoing"),
                        ("status__in", ["ordered", "awaiting_final", "built", "ready", "sent"]),
                    ),
                    models.Q(
                        ("direction", "incoming"),
                        ("status__in", ["expected", "awaiting_final", "accepted", "failed"]),
                    ),
                    _connector="OR",
                ),
                name="package_status_of_direction",
            ),
        ),
        migrations.AddConstraint(
            model_name="exhibitrow",
            constraint=models.UniqueConstraint(
                fields=("request", "number"), name="exhibit_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="exhibitrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["registered", "acquired", "packed", "sent", "received"])
                ),
                name="exhibit_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrow",
            constraint=models.UniqueConstraint(
                fields=("request", "digest", "officer"), name="approval_once_an_officer"
            ),
        ),
        migrations.AddIndex(
            model_name="statementinrow",
            index=models.Index(fields=["state"], name="statement_in_waiting"),
        ),
        migrations.AddConstraint(
            model_name="statementinrow",
            constraint=models.UniqueConstraint(
                fields=("sender", "identifier"), name="statement_in_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementinrow",
            constraint=models.UniqueConstraint(
                fields=("sender", "case", "seq"), name="statement_in_series"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementinrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "applied", "rejected"])),
                name="statement_in_state",
            ),
        ),
        migrations.AddIndex(
            model_name="timelinerow",
            index=models.Index(fields=["request", "at"], name="timeline_order"),
        ),
    ]

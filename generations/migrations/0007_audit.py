"""The audit log, which the database itself refuses to change or shorten."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLE = "generations_auditevent"


def install(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    does = "FOR EACH ROW EXECUTE FUNCTION generations_immutable()"  # of 0002
    if not is_postgresql:
        does = f"BEGIN SELECT RAISE(ABORT, '{TABLE} rows are immutable'); END"
    for verb in ("UPDATE", "DELETE"):
        schema_editor.execute(f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} {does}")


def remove(apps, schema_editor):
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    for verb in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_no_{verb}{on}")


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0006_item_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('action', models.CharField(max_length=40)),
                ('about', models.CharField(max_length=200)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('ip', models.CharField(blank=True, max_length=45)),
                ('previous_hash', models.CharField(blank=True, max_length=64, unique=True)),
                ('hash', models.CharField(max_length=64)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['action', '-id'], name='audit_by_action'), models.Index(fields=['actor', '-id'], name='audit_by_actor')],
            },
        ),
        migrations.RunPython(install, remove),
    ]

"""The search's own table: FTS5 on SQLite, a tsvector with its GIN index on PostgreSQL. Filled by gallery/search.py."""

from django.db import migrations

FTS = """CREATE VIRTUAL TABLE generations_itemsearch USING fts5(
    title, tags, prompt, comments, marks, tokenize = 'ascii', prefix = '3')"""
VECTORS = (
    "CREATE TABLE generations_itemsearch (item_id bigint PRIMARY KEY, document tsvector NOT NULL)",
    "CREATE INDEX item_search ON generations_itemsearch USING gin (document)",
)


def make(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in (FTS,) if is_sqlite else VECTORS:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE generations_itemsearch")


class Migration(migrations.Migration):
    dependencies = [("generations", "0005_heartbeats_by_node")]

    operations = [migrations.RunPython(make, drop)]

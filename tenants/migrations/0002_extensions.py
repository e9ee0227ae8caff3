"""pgvector lives in a schema of its own, on every tenant's search path."""

from django.db import migrations

CREATE = """
CREATE SCHEMA IF NOT EXISTS extensions;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') THEN
        CREATE EXTENSION IF NOT EXISTS vector SCHEMA extensions;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]

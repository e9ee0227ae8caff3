from django.db import migrations

# The function is in the public schema, once for all workspaces; each has triggers of its own, which its clones get too.
GUARD = """
CREATE OR REPLACE FUNCTION public.workspace_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is only ever added to.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER log_is_kept BEFORE UPDATE OR DELETE ON workspace_auditentry
FOR EACH ROW EXECUTE FUNCTION public.workspace_log_is_kept();
CREATE TRIGGER log_is_not_emptied BEFORE TRUNCATE ON workspace_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION public.workspace_log_is_kept();
"""
NO_GUARD = """
DROP TRIGGER log_is_not_emptied ON workspace_auditentry;
DROP TRIGGER log_is_kept ON workspace_auditentry;
"""


class Migration(migrations.Migration):
    dependencies = [("workspace", "0003_audit_address")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]

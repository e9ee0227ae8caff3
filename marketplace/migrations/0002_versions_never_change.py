from django.db import migrations

GUARD = """
CREATE FUNCTION marketplace_version_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A submitted version is never deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.manifest, NEW.digest, NEW.semver, NEW.listing_id) IS DISTINCT FROM (OLD.manifest, OLD.digest, OLD.semver, OLD.listing_id) THEN
        RAISE EXCEPTION 'The content of a submitted version never changes.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_is_final BEFORE UPDATE OR DELETE ON marketplace_listingversion
FOR EACH ROW WHEN (OLD.review_state NOT IN ('draft', 'changes_requested')) EXECUTE FUNCTION marketplace_version_is_final();
"""
NO_GUARD = """
DROP TRIGGER version_is_final ON marketplace_listingversion;
DROP FUNCTION marketplace_version_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]

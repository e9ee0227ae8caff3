from django.db import migrations

# Every move of a version's review is one of these, whoever writes it and however.
MOVES = """
CREATE FUNCTION marketplace_review_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
    visibility text;
BEGIN
    IF NEW.review_state = 'in_review' AND OLD.review_state IN ('approved', 'changes_requested', 'published', 'rejected') THEN
        IF marketplace_is_reopened(NEW.id, OLD.review_state) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Only undoing the decision that led to "%" brings a version back into review.', OLD.review_state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT (OLD.review_state || '>' || NEW.review_state) = ANY (ARRAY[
        'draft>submitted',
        'submitted>checking', 'submitted>withdrawn',
        'checking>changes_requested', 'checking>in_review', 'checking>approved', 'checking>withdrawn',
        'changes_requested>submitted', 'changes_requested>withdrawn',
        'in_review>approved', 'in_review>changes_requested', 'in_review>rejected', 'in_review>withdrawn',
        'approved>published', 'approved>withdrawn'
    ]) THEN
        RAISE EXCEPTION 'A version that is "%" cannot become "%".', OLD.review_state, NEW.review_state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.review_state IN ('submitted', 'approved', 'published') THEN
        SELECT p.standing, l.visibility INTO standing, visibility FROM public.marketplace_listing l JOIN public.marketplace_publisher p ON p.id = l.publisher_id
            WHERE l.id = NEW.listing_id;
        IF standing = 'banned' THEN
            RAISE EXCEPTION 'A banned publisher publishes nothing.' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF standing = 'restricted' AND visibility IN ('public', 'unlisted') AND OLD.review_state = 'checking' AND NEW.review_state = 'approved' THEN
            RAISE EXCEPTION 'A person reads what a restricted publisher offers to everybody.' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION marketplace_is_reopened(version uuid, was text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM public.moderation_decision
        WHERE id::text = current_setting('guildhall.reopened_by', true) AND version_id = version
            AND executed_at IS NOT NULL AND undone_at IS NOT NULL AND prior_state ->> 'review_state' IN ('checking', 'in_review')
            AND prior_state ->> 'became' = was
    );
END $$;
CREATE TRIGGER review_moves BEFORE UPDATE OF review_state ON marketplace_listingversion
FOR EACH ROW WHEN (OLD.review_state IS DISTINCT FROM NEW.review_state) EXECUTE FUNCTION marketplace_review_moves();
"""
NO_MOVES = """
DROP TRIGGER review_moves ON marketplace_listingversion;
DROP FUNCTION marketplace_review_moves();
DROP FUNCTION marketplace_is_reopened(uuid, text);
"""

# An address is given once: whoever installed it, or linked to it, never meets somebody else's thing there.
ADDRESS = """
CREATE FUNCTION marketplace_address_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A listing that was published is retired, never deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RAISE EXCEPTION 'The address of a published listing never changes.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER listing_is_kept BEFORE DELETE ON marketplace_listing
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION marketplace_address_is_kept();
CREATE TRIGGER address_is_kept BEFORE UPDATE OF slug, publisher_id ON marketplace_listing
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL AND (OLD.slug, OLD.publisher_id) IS DISTINCT FROM (NEW.slug, NEW.publisher_id))
EXECUTE FUNCTION marketplace_address_is_kept();
CREATE FUNCTION marketplace_namespace_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A namespace is never given to anybody else.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER namespace_is_kept BEFORE UPDATE OF namespace, tenant_id ON marketplace_publisher
FOR EACH ROW WHEN (OLD.namespace <> NEW.namespace OR (OLD.tenant_id IS NOT NULL AND OLD.tenant_id IS DISTINCT FROM NEW.tenant_id))
EXECUTE FUNCTION marketplace_namespace_is_kept();
"""
NO_ADDRESS = """
DROP TRIGGER namespace_is_kept ON marketplace_publisher;
DROP FUNCTION marketplace_namespace_is_kept();
DROP TRIGGER address_is_kept ON marketplace_listing;
DROP TRIGGER listing_is_kept ON marketplace_listing;
DROP FUNCTION marketplace_address_is_kept();
"""

RESERVED = (
    "admin", "agents", "anthropic", "api", "crewai", "deepseek", "docs", "google", "guildhall", "help", "huggingface", "llama",
    "mail", "market", "marketplace", "mesa", "meta", "microsoft", "mistral", "moderation", "moderator", "ollama", "openai",
    "operator", "security", "staff", "status", "support", "system", "team", "test", "www",
)
PROHIBITED = (
    ("certified", "It promises a check that nobody made."),
    ("official", "Whether something is official is shown by the mark of a verified publisher, not by a name."),
    ("verified", "Whether a publisher is verified is shown by the mark of the platform, not by a name."),
)


def seed(apps, schema_editor):
    reserved, prohibited = apps.get_model("marketplace", "ReservedName"), apps.get_model("marketplace", "ProhibitedName")
    why = "It is the name of the platform, of a part of it, or of a company that people would take it for."
    for name in RESERVED:
        reserved.objects.get_or_create(name=name, defaults={"why": why})
    for name, reason in PROHIBITED:
        prohibited.objects.get_or_create(name=name, defaults={"why": reason})


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0003_standing_visibility_health")]
    operations = [
        migrations.RunSQL(MOVES, NO_MOVES),
        migrations.RunSQL(ADDRESS, NO_ADDRESS),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]

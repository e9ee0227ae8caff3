from django.db import migrations

# What a decision says never changes; what happens to it happens once.
DECISION = """
CREATE FUNCTION moderation_decision_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    passing text[] := ARRAY['held', 'held_reason', 'confirmed_by_id', 'confirmed_by_name', 'confirmed_at', 'execute_at', 'executed_at',
        'undone_at', 'undone_by_id', 'undone_why', 'prior_state', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - passing <> to_jsonb(OLD) - passing THEN
        RAISE EXCEPTION 'A decision never changes and is never deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.held AND NOT NEW.held OR OLD.confirmed_by_id IS NOT NULL AND NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id THEN
        RAISE EXCEPTION 'A decision that waits for a second person goes on waiting; a confirmation stays.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.executed_at IS NOT NULL AND (NEW.executed_at, NEW.prior_state) IS DISTINCT FROM (OLD.executed_at, OLD.prior_state)
        OR OLD.undone_at IS NOT NULL AND (NEW.undone_at, NEW.executed_at) IS DISTINCT FROM (OLD.undone_at, OLD.executed_at) THEN
        RAISE EXCEPTION 'A decision is carried out once and undone once.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_is_final BEFORE UPDATE OR DELETE ON moderation_decision
FOR EACH ROW EXECUTE FUNCTION moderation_decision_is_final();
"""
NO_DECISION = """
DROP TRIGGER decision_is_final ON moderation_decision;
DROP FUNCTION moderation_decision_is_final();
"""

APPEAL = """
CREATE FUNCTION moderation_appeal_is_for_another() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first record;
BEGIN
    SELECT decided_by_id, confirmed_by_id INTO first FROM public.moderation_decision WHERE id = NEW.decision_id;
    IF NEW.decided_by_id IN (first.decided_by_id, first.confirmed_by_id) OR NEW.assigned_to_id IN (first.decided_by_id, first.confirmed_by_id) THEN
        RAISE EXCEPTION 'An appeal is never decided by who decided first.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.decision_id <> OLD.decision_id OR OLD.state <> 'open' AND (NEW.state, NEW.decided_by_id, NEW.answer)
        IS DISTINCT FROM (OLD.state, OLD.decided_by_id, OLD.answer)) THEN
        RAISE EXCEPTION 'An appeal is decided once.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER appeal_is_for_another BEFORE INSERT OR UPDATE ON moderation_appeal
FOR EACH ROW EXECUTE FUNCTION moderation_appeal_is_for_another();
"""
NO_APPEAL = """
DROP TRIGGER appeal_is_for_another ON moderation_appeal;
DROP FUNCTION moderation_appeal_is_for_another();
"""

# Lines are numbered and chained when they are committed, one transaction after the other.
LOG = """
CREATE FUNCTION moderation_line_hash(line moderation_activitylog) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        line.prev_hash, line.seq, line.id, extract(epoch FROM line.at)::text, line.action, line.actor_kind, line.actor_id, line.actor_name,
        line.tenant_id, line.target_type, line.target_id, line.target_name, line.decision_id, line.detail
    )::text, 'UTF8')), 'hex')
$$;
CREATE FUNCTION moderation_log_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.seq := NULL;
    NEW.prev_hash := '';
    NEW.hash := '';
    RETURN NEW;
END $$;
CREATE FUNCTION moderation_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
        AND to_jsonb(NEW) - ARRAY['seq', 'prev_hash', 'hash'] = to_jsonb(OLD) - ARRAY['seq', 'prev_hash', 'hash'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The log of activity is only ever added to.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION moderation_log_is_chained() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
    line public.moderation_activitylog;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('moderation_activitylog', 0));
    SELECT seq, hash INTO last FROM public.moderation_activitylog WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
    line := NEW;
    line.seq := coalesce(last.seq, 0) + 1;
    line.prev_hash := coalesce(last.hash, '');
    line.hash := public.moderation_line_hash(line);
    UPDATE public.moderation_activitylog SET seq = line.seq, prev_hash = line.prev_hash, hash = line.hash WHERE id = line.id;
    RETURN NULL;
END $$;
CREATE TRIGGER log_begins BEFORE INSERT ON moderation_activitylog FOR EACH ROW EXECUTE FUNCTION moderation_log_begins();
CREATE TRIGGER log_is_kept BEFORE UPDATE OR DELETE ON moderation_activitylog FOR EACH ROW EXECUTE FUNCTION moderation_log_is_kept();
CREATE TRIGGER log_is_not_emptied BEFORE TRUNCATE ON moderation_activitylog FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_is_kept();
CREATE CONSTRAINT TRIGGER log_is_chained AFTER INSERT ON moderation_activitylog DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION moderation_log_is_chained();
"""
NO_LOG = """
DROP TRIGGER log_is_chained ON moderation_activitylog;
DROP TRIGGER log_is_not_emptied ON moderation_activitylog;
DROP TRIGGER log_is_kept ON moderation_activitylog;
DROP TRIGGER log_begins ON moderation_activitylog;
DROP FUNCTION moderation_log_is_chained();
DROP FUNCTION moderation_log_is_kept();
DROP FUNCTION moderation_log_begins();
DROP FUNCTION moderation_line_hash(moderation_activitylog);
"""

# What an undone decision had led to, may be left for review again. (The market's own trigger asks this function.)
REOPENING = """
CREATE OR REPLACE FUNCTION marketplace_is_reopened(version uuid, was text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM public.moderation_decision
        WHERE id::text = current_setting('guildhall.reopened_by', true) AND version_id = version
            AND executed_at IS NOT NULL AND undone_at IS NOT NULL AND prior_state ->> 'review_state' IN ('checking', 'in_review')
            AND (prior_state ->> 'became' = was OR prior_state ->> 'became' = 'approved' AND was = 'published')
    );
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]
    operations = [
        migrations.RunSQL(DECISION, NO_DECISION),
        migrations.RunSQL(APPEAL, NO_APPEAL),
        migrations.RunSQL(LOG, NO_LOG),
        migrations.RunSQL(REOPENING, migrations.RunSQL.noop),
    ]

from django.db import migrations

# For whom a version was sent in is said on the version itself by now.
MOVES = """
CREATE OR REPLACE FUNCTION marketplace_review_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
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
        SELECT p.standing INTO standing FROM public.marketplace_listing l JOIN public.marketplace_publisher p ON p.id = l.publisher_id
            WHERE l.id = NEW.listing_id;
        IF standing = 'banned' THEN
            RAISE EXCEPTION 'A banned publisher publishes nothing.' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF standing = 'restricted' AND NEW.visibility IN ('public', 'unlisted') AND OLD.review_state = 'checking' AND NEW.review_state = 'approved' THEN
            RAISE EXCEPTION 'A person reads what a restricted publisher offers to everybody.' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0006_ledger_looks")]
    operations = [migrations.RunSQL(MOVES, migrations.RunSQL.noop)]

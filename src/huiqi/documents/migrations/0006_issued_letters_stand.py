"""What an issued letter says, its number and its file cannot change, whoever asks; versions are added to and never changed."""

from django.db import migrations

#: What may still happen to a letter that is out: how it was delivered, and that it was opened, each once.
AFTERWARDS = (
    "state", "delivered_by_id", "delivered_at", "delivered_how", "delivery_note", "opened_by_id", "opened_at",
)

FORWARD = f"""
CREATE FUNCTION documents_letter_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('issued', 'delivered') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'letter % is issued: it is not deleted', OLD.number USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_jsonb(OLD) - ARRAY{list(AFTERWARDS)} IS DISTINCT FROM to_jsonb(NEW) - ARRAY{list(AFTERWARDS)}
       OR NEW.state NOT IN ('issued', 'delivered')
       OR (OLD.state = 'delivered' AND (NEW.state, NEW.delivered_by_id, NEW.delivered_at, NEW.delivered_how, NEW.delivery_note)
           IS DISTINCT FROM (OLD.state, OLD.delivered_by_id, OLD.delivered_at, OLD.delivered_how, OLD.delivery_note))
       OR (OLD.opened_at IS NOT NULL AND (NEW.opened_at, NEW.opened_by_id) IS DISTINCT FROM (OLD.opened_at, OLD.opened_by_id))
    THEN
        RAISE EXCEPTION 'letter % is issued: it does not change', OLD.number USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION documents_letter_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM documents_letter WHERE id = NEW.letter_id AND state IN ('issued', 'delivered')) THEN
        RAISE EXCEPTION 'letter % is issued: nothing is added to it', NEW.letter_id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER stands BEFORE UPDATE OR DELETE ON documents_letter
    FOR EACH ROW EXECUTE FUNCTION documents_letter_stands();
ALTER TABLE documents_letter ENABLE ALWAYS TRIGGER stands;
""" + "".join(
    f"""
CREATE TRIGGER only_appended BEFORE UPDATE OR DELETE ON documents_{table}
    FOR EACH ROW EXECUTE FUNCTION journal_only_appended();
CREATE TRIGGER only_while_open BEFORE INSERT ON documents_{table}
    FOR EACH ROW EXECUTE FUNCTION documents_letter_is_open();
ALTER TABLE documents_{table} ENABLE ALWAYS TRIGGER only_appended;
ALTER TABLE documents_{table} ENABLE ALWAYS TRIGGER only_while_open;
"""
    for table in ("letterversion", "letterfile")
)
BACK = (
    "".join(
        f"DROP TRIGGER only_appended ON documents_{table}; DROP TRIGGER only_while_open ON documents_{table};"
        for table in ("letterversion", "letterfile")
    )
    + "DROP TRIGGER stands ON documents_letter; DROP FUNCTION documents_letter_stands(); "
    "DROP FUNCTION documents_letter_is_open();"
)


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_letters"), ("journal", "0002_only_appended")]
    operations = [migrations.RunSQL(FORWARD, BACK)]

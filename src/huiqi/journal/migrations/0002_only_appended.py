"""The journal is added to and never changed, whoever asks; an event waits to be sealed from the moment it is written."""

from django.db import migrations

TABLES = ("event", "change", "block", "leaf")

FORWARD = """
CREATE FUNCTION journal_only_appended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to: % is refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION journal_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal_waiting (event) SELECT id FROM added;
    RETURN NULL;
END
$$;
CREATE TRIGGER waits_to_be_sealed AFTER INSERT ON journal_event REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION journal_waits();
ALTER TABLE journal_event ENABLE ALWAYS TRIGGER waits_to_be_sealed;
""" + "".join(
    f"""
CREATE TRIGGER only_appended BEFORE UPDATE OR DELETE ON journal_{table}
    FOR EACH ROW EXECUTE FUNCTION journal_only_appended();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON journal_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION journal_only_appended();
ALTER TABLE journal_{table} ENABLE ALWAYS TRIGGER only_appended;
ALTER TABLE journal_{table} ENABLE ALWAYS TRIGGER never_emptied;
"""
    for table in TABLES
)
BACK = (
    "".join(
        f"DROP TRIGGER only_appended ON journal_{table}; DROP TRIGGER never_emptied ON journal_{table};"
        for table in TABLES
    )
    + "DROP TRIGGER waits_to_be_sealed ON journal_event; DROP FUNCTION journal_waits(); "
    "DROP FUNCTION journal_only_appended();"
)


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]

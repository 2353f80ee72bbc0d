"""A row for every statement that changes facts, so that a reader knows at once whether its copy is stale.

The first row tells one database from another. Rows are only added, so that writers never wait for each other; a change that commits late still changes the count.
"""

from django.db import migrations

WATCH = """
CREATE TABLE registry_factchange (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());
INSERT INTO registry_factchange DEFAULT VALUES;
CREATE FUNCTION registry_note_fact_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registry_factchange DEFAULT VALUES;
    RETURN NULL;
END
$$;
CREATE TRIGGER facts_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registry_enterprisefacts
    FOR EACH STATEMENT EXECUTE FUNCTION registry_note_fact_change();
"""
FORGET = """
DROP TRIGGER facts_changed ON registry_enterprisefacts;
DROP FUNCTION registry_note_fact_change();
DROP TABLE registry_factchange;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_declarations_and_hat_requests")]
    operations = [migrations.RunSQL(WATCH, FORGET)]

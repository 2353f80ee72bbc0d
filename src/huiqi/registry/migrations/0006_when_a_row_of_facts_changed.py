"""Which transaction changed a row of facts last, so that a copy of all facts is kept current by reading what is new.

A transaction's number is given when it begins to write, and it may commit long after a later one. So a reader remembers
the oldest transaction that was still running when it read (``pg_snapshot_xmin``), and next time reads the rows from that
one on: some of them twice, none of them never.
"""

from django.db import migrations

STAMP = """
ALTER TABLE registry_enterprisefacts ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX registry_enterprisefacts_changed_in ON registry_enterprisefacts (changed_in);
CREATE FUNCTION registry_stamp_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE TRIGGER facts_stamped BEFORE INSERT OR UPDATE ON registry_enterprisefacts
    FOR EACH ROW EXECUTE FUNCTION registry_stamp_facts();
"""
FORGET = """
DROP TRIGGER facts_stamped ON registry_enterprisefacts;
DROP FUNCTION registry_stamp_facts();
ALTER TABLE registry_enterprisefacts DROP COLUMN changed_in;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_what_stands_without_a_declaration")]
    operations = [migrations.RunSQL(STAMP, FORGET)]

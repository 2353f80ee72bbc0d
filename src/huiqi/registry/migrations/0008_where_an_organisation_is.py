"""Tells the journal where an organisation is (see :func:`huiqi.journal.act`)."""

from django.db import migrations

PLACE = """
CREATE OR REPLACE FUNCTION journal_place_of(organisation bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT region_id FROM registry_organisation WHERE id = organisation), '');
END
$$;
"""
NOWHERE = """
CREATE OR REPLACE FUNCTION journal_place_of(organisation bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN '';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0007_delegations_and_administrators"),
        ("journal", "0003_events_have_a_place"),
    ]
    operations = [migrations.RunSQL(PLACE, NOWHERE)]

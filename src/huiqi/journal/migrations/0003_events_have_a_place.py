"""An event that names no place has that of the organisation whom it concerns, or else of the one that acted.

The journal does not know organisations: who keeps them says where they are, by replacing the function.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION journal_place_of(organisation bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN '';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_only_appended")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION journal_place_of(bigint);")]

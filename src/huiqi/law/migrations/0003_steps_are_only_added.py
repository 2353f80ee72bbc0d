"""A step of an escalation is added and never changed, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER only_appended BEFORE UPDATE OR DELETE ON law_escalationstep
    FOR EACH ROW EXECUTE FUNCTION journal_only_appended();
ALTER TABLE law_escalationstep ENABLE ALWAYS TRIGGER only_appended;
"""
BACK = "DROP TRIGGER only_appended ON law_escalationstep;"


class Migration(migrations.Migration):
    dependencies = [("law", "0002_duties"), ("journal", "0002_only_appended")]
    operations = [migrations.RunSQL(FORWARD, BACK)]

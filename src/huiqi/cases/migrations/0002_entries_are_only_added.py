"""A line of the timeline is added and never changed, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER only_appended BEFORE UPDATE OR DELETE ON cases_entry
    FOR EACH ROW EXECUTE FUNCTION journal_only_appended();
ALTER TABLE cases_entry ENABLE ALWAYS TRIGGER only_appended;
"""
BACK = "DROP TRIGGER only_appended ON cases_entry;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("journal", "0002_only_appended")]
    operations = [migrations.RunSQL(FORWARD, BACK)]

"""A published version is never changed nor deleted, not by the owner of the table either."""

from django.db import migrations

FREEZE = """
create trigger a_published_policy_is_never_changed before update or delete on opportunities_publishedpolicy
    for each row execute function registry_refuse_change();
create trigger published_policies_are_never_truncated before truncate on opportunities_publishedpolicy
    for each statement execute function registry_refuse_truncate();
"""
THAW = """
drop trigger published_policies_are_never_truncated on opportunities_publishedpolicy;
drop trigger a_published_policy_is_never_changed on opportunities_publishedpolicy;
"""


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0001_initial"), ("registry", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]

"""A declaration keeps how its fact would stand without it, so that withdrawing it brings that back.

What a declaration that waits now has replaced was not kept until here: withdrawn, it leaves its fact unknown as before,
unless something else has been said since.
"""

from django.db import migrations, models

FILL = """
UPDATE registry_declaration d SET otherwise = CASE
    WHEN (f.provenance ->> d.fact)::bigint = d.statement_id THEN
        jsonb_build_object('value', NULL, 'statement', NULL, 'claim', NULL)
    ELSE jsonb_build_object(
        'value', to_jsonb(f) -> d.fact,
        'statement', f.provenance -> d.fact,
        'claim', CASE WHEN (f.claims -> d.fact ->> 'statement')::bigint IS DISTINCT FROM d.statement_id
            THEN f.claims -> d.fact END)
    END || CASE WHEN d.fact = 'registration_region' THEN jsonb_build_object('region', o.region_id) ELSE '{}' END
FROM registry_enterprisefacts f JOIN registry_organisation o ON o.id = f.organisation_id
WHERE f.organisation_id = d.organisation_id AND d.state = 'waiting'
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_roster_trials")]
    operations = [
        migrations.AddField(
            model_name="declaration",
            name="otherwise",
            field=models.JSONField(blank=True, default=dict, verbose_name="撤回后的情形"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

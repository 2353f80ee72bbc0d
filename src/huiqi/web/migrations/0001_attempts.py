"""How often somebody has tried something, shared by all processes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(verbose_name="次数")),
                ("ends", models.DateTimeField(db_index=True, verbose_name="计到")),
            ],
            options={
                "verbose_name": "尝试次数",
                "verbose_name_plural": "尝试次数",
                "db_table": "web_attempts",
            },
        ),
    ]

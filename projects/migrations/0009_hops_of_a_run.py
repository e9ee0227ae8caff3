from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0008_outside_content"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="hops",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="How many runs led to it, each to the next, by webhooks or tools."
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0005_strategies_and_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="waiting",
            field=models.JSONField(default=dict, help_text="As in WaitingSpec."),
        ),
    ]

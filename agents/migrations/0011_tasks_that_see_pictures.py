from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0010_agents_are_bound_too"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="sees_pictures",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="It is shown what the run is shown; where no task is, the first one is.",
            ),
        ),
    ]

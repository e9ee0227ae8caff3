from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0011_tasks_that_see_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="crew",
            name="trust_outside_content",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Nobody is asked before it sends something out after it has read what others wrote.",
            ),
        ),
    ]

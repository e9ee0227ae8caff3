from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0006_request_of_a_run"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="pictures",
            field=models.JSONField(
                help_text="What it is shown: name, media_type, size, width, height, sha256 of each picture.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(condition=models.Q(("pictures__isnull", False)), fields=["id"], name="runs_with_pictures"),
        ),
    ]

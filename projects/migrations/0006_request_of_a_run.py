from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0005_manifests_and_violations"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="request_id",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="The request that started it, where one did.", max_length=64
            ),
        ),
    ]

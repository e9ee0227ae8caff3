from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0007_pictures_of_a_run"),
    ]

    operations = [
        migrations.AddField(
            model_name="stepoutput",
            name="outside",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="The tool that brought in what others wrote.", max_length=100
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("simulations", "0005_turns")]

    operations = [
        migrations.CreateModel(
            name="Hello",
            fields=[
                (
                    "simulation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="hello",
                        serialize=False,
                        to="simulations.simulation",
                    ),
                ),
                ("content", models.JSONField()),
            ],
        ),
    ]

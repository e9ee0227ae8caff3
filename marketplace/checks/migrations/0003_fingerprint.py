"""A mark is what a block names in a run; what words are recognised by is called a fingerprint."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checks", "0002_rules")]
    operations = [
        migrations.RenameModel("Mark", "Fingerprint"),
        migrations.AlterField(
            "fingerprint",
            "version",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="fingerprint", to="marketplace.listingversion"
            ),
        ),
    ]

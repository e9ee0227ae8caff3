from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0002_extensions'),
    ]

    operations = [
        migrations.AddField(
            model_name='tenant',
            name='runs_at_once',
            field=models.PositiveSmallIntegerField(blank=True, help_text="How many runs may be under way; empty for the operator's setting.", null=True),
        ),
    ]

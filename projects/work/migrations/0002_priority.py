from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0003_runs_at_once'),
        ('work', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='workitem',
            name='priority',
            field=models.PositiveSmallIntegerField(default=5, help_text='9 goes first in its workspace.'),
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['schema', '-priority', 'queued_at'], name='work_next'),
        ),
    ]

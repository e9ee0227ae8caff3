from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('simulations', '0006_hello'),
    ]

    operations = [
        migrations.AddField(
            model_name='simulation',
            name='population',
            field=models.JSONField(default=dict, help_text='{archetype: how many at the beginning}, in order.'),
        ),
        migrations.AddField(
            model_name='simulation',
            name='served_by',
            field=models.CharField(blank=True, help_text='provider/model that answered last.', max_length=200),
        ),
    ]

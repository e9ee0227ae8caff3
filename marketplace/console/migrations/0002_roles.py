"""The groups that make somebody a moderator."""

from django.db import migrations

ROLES = {"moderator": ("moderate",), "senior moderator": ("moderate", "confirm")}
NAMES = {"moderate": "Use the moderation console", "confirm": "Be the second person, ban, suspend"}


def make(apps, schema_editor):
    """Django makes permissions only after all migrations, so these are made here, in the words of the model."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    kind, _ = ContentType.objects.get_or_create(app_label="console", model="access")
    made = {
        code: Permission.objects.get_or_create(content_type=kind, codename=code, defaults={"name": name})[0]
        for code, name in NAMES.items()
    }
    for role, codes in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*(made[code] for code in codes))


class Migration(migrations.Migration):
    dependencies = [
        ("console", "0001_the_consoles_own_rows"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]

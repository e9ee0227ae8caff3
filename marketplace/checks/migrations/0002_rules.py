"""The rules of the first day, each with how it is used. Staff changes that; later rules come with migrations of their own."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RULES = (
    ("blocked.digest", "The same content as something blocked", "required"),
    ("blocked.ancestor", "Made from something blocked", "required"),
    ("blocked.tool", "Tools that are blocked", "required"),
    ("blocked.publisher", "Publishers that are blocked", "required"),
    ("secret.private_key", "Private keys", "required"),
    ("secret.cloud_key", "Keys of cloud providers", "required"),
    ("secret.model_key", "Keys of model providers", "required"),
    ("secret.code_host_token", "Tokens of code hosts", "required"),
    ("secret.package_token", "Tokens of package registries", "required"),
    ("secret.chat_token", "Tokens of chat services", "required"),
    ("secret.webhook", "Addresses and secrets of webhooks", "required"),
    ("secret.payment_key", "Keys of payment services", "required"),
    ("secret.mail_key", "Keys of mail services", "required"),
    ("secret.service_token", "Tokens of other services", "required"),
    ("secret.jwt", "Signed tokens (JWT)", "required"),
    ("secret.url_password", "Passwords in addresses", "required"),
    ("secret.connection_string", "Passwords in connection strings", "required"),
    ("secret.authorization", "Values of authorization headers", "required"),
    ("secret.assigned", "Values that are called a password, key or token", "required"),
    ("secret.random", "Random texts such as keys are", "monitor"),
    ("tenant_data.mail", "Mail addresses", "enforced"),
    ("tenant_data.internal_host", "Hosts and addresses of an inner network", "enforced"),
    ("tenant_data.id", "Ids of a workspace's things", "enforced"),
    ("tenant_data.address", "Addresses of pages of a workspace", "enforced"),
    ("tenant_data.document", "Names of the workspace's documents", "enforced"),
    ("tenant_data.person", "Names of the workspace's members", "enforced"),
    ("tenant_data.account", "Numbers of bank accounts and cards", "enforced"),
    ("hidden_text.invisible", "Characters without width", "enforced"),
    ("hidden_text.direction", "Characters that turn the direction of reading", "enforced"),
    ("hidden_text.tags", "Letters of the tag block, which nobody sees", "enforced"),
    ("hidden_text.unassigned", "Characters without a meaning of their own", "enforced"),
    ("hidden_text.encoded", "Texts in base64, in codes or in percent signs", "enforced"),
    ("hidden_text.markup", "Comments and markup that is not shown", "enforced"),
    ("hidden_text.distance", "Text that is pushed out of sight", "enforced"),
    ("injection.override", "Orders to forget other orders", "enforced"),
    ("injection.fake_roles", "Marks that pretend to be the system", "enforced"),
    ("injection.asks_for_secrets", "Asking people for keys, passwords or cards", "enforced"),
    ("injection.remote_orders", "Orders that are fetched from elsewhere", "enforced"),
    ("injection.no_confirmation", "Going round a person’s consent", "enforced"),
    ("injection.concealment", "Keeping things from the user", "enforced"),
    ("injection.trigger", "Orders that wait for a moment", "enforced"),
    ("injection.exfiltration", "Carrying data away", "enforced"),
    ("injection.reveals", "Asking for prompts and settings", "monitor"),
    ("injection.installs", "Installing or changing agents", "monitor"),
    ("injection.to_reviewers", "Words to whoever judges it", "enforced"),
    ("name.reserved", "Names that are kept for somebody", "enforced"),
    ("name.prohibited", "Names that nobody may use", "enforced"),
    ("name.lookalike", "Names that look like another's", "enforced"),
    ("name.near", "Names that are nearly another's", "enforced"),
    ("name.mixed_scripts", "Names in several alphabets", "enforced"),
    ("name.claims", "Names that claim to be official", "enforced"),
    ("coherence.not_asked", "Powers that are used and not asked for", "enforced"),
    ("coherence.not_used", "Powers that are asked for and not used", "enforced"),
    ("coherence.host", "Hosts in texts that are not among the permissions", "enforced"),
    ("coherence.any_host", "Asking for every host", "enforced"),
    ("coherence.tool_in_text", "Tools in texts that nobody has", "enforced"),
    ("coherence.delegation", "Work that is passed on without end", "enforced"),
    ("coherence.unbounded", "Runs without a bound", "enforced"),
    ("coherence.budget", "Budgets that do not fit", "enforced"),
    ("coherence.approval", "Sending data without asking a person", "enforced"),
    ("coherence.disclosure", "Saying that nobody receives data", "enforced"),
    ("coherence.model", "Models that are not among the permissions", "enforced"),
    ("coherence.idle", "Agents and inputs without a use", "monitor"),
    ("coherence.evaluation", "No cases that show what it does", "monitor"),
    ("licence.obligation", "What the licence of the original asks for", "enforced"),
    ("licence.closed", "Going on from what may not be gone on from", "enforced"),
    ("lineage.unknown", "An original that does not exist", "enforced"),
    ("lineage.changed", "An original that is another than it says", "enforced"),
    ("lineage.near_copy", "Nearly the same as something published", "enforced"),
    ("size.manifest", "Manifests that are too large to read", "enforced"),
    ("size.text", "Texts that nobody reads to the end", "enforced"),
    ("size.word", "Words without end", "enforced"),
    ("size.repeated", "The same line over and over", "enforced"),
)


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rules = apps.get_model("checks", "CheckRule")
    for code, title, mode in RULES:
        used = {"enforced": mode != "monitor", "required": mode == "required"}
        rules.objects.get_or_create(code=code, defaults={"title": title, **used})


class Migration(migrations.Migration):
    dependencies = [("checks", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

from django.db import migrations

POLICIES = (
    ("secrets", "1.1", "No keys, passwords or tokens",
     ("What is published carries no key, password, token, certificate or connection string, not even an old one or one for trying out. "
     "Name what is needed under requires.credentials; whoever installs it gives their own. A secret that was sent in counts as known to others: revoke it.")),
    ("workspace-data", "1.2", "No data of a workspace",
     "What is published carries no addresses, names, documents, ids or internal hosts of a workspace or of its customers. Use made-up examples, and mark them as such."),
    ("no-orders", "2.1", "No orders against the user",
     ("No text of an agent, task, tool or scenario may make a model act against the person who runs it: pass over earlier instructions, hide what it does, "
     "ask for keys or payment details, send data to places that are not named under permissions, or fetch instructions from elsewhere.")),
    ("plain-text", "2.2", "Nothing hidden",
     ("Everything a model reads can be read by a person: no invisible or direction-changing characters, no encoded passages, no text that only acts on some day, "
     "in some workspace or after some number of runs.")),
    ("permissions", "2.3", "No more permissions than needed",
     "A listing asks for what its work needs and says why, in words that somebody without technical knowledge understands. What is not used is not asked for."),
    ("no-harm", "2.4", "No harm",
     "Nothing may be built to damage, spy on, overload or take over systems, accounts or people, or to prepare that."),
    ("honest-names", "3.1", "Names that do not mislead",
     ("The name, icon and words of a publisher or listing may not suggest that it comes from somebody else or is recommended by this platform. "
     "Names that differ from a known one only by look-alike letters, a plural or a hyphen count as the same.")),
    ("keeps-its-word", "3.2", "It does what it says",
     "The description says what the listing does, what it does not do, and what it costs roughly. Example inputs lead to the kind of result that is promised."),
    ("quality", "3.3", "It works",
     "A listing can be run with its example inputs, its own evaluation cases pass, and its texts are complete."),
    ("licence", "3.4", "Licence and origin",
     "The publisher has the right to publish everything in the listing. What was made from another listing says so, and keeps to that one's licence."),
    ("no-spam", "3.5", "No copies and no advertising",
     "Copies with small changes, listings that only lead elsewhere, and floods of near-identical listings are not published."),
    ("law", "4.1", "The law",
     "Nothing is offered that the law forbids where the platform is operated, or that helps to break it."),
    ("conduct", "4.2", "Conduct",
     "Reviews, reports and replies speak about the thing and not against persons. Installs, ratings and reports are not bought, traded or made up."),
    ("publisher-duties", "5.1", "A publisher's duties",
     "A publisher answers questions about their listings, mends faults that endanger others without delay, and does not go round a decision by publishing the same again."),
    ("accounts", "5.2", "Accounts and workspaces",
     "Accounts and workspaces are not used to attack the platform, to go round a ban, or to harm others who use it."),
)  # fmt: skip

CANNED = (
    ("secret", "secrets", "A key in the manifest",
     ("Your manifest contains what looks like a key or password, at the place named in the evidence. Please revoke it first: it has left your workspace. "
     "Then take it out, name the credential under requires.credentials, and submit again with a higher version.")),
    ("tenant_data", "workspace-data", "Data of your workspace",
     "The place named in the evidence holds data that seems to belong to your workspace or its customers. Please replace it with a made-up example and submit again."),
    ("injection", "no-orders", "Text that turns a model against its user",
     ("The passage in the evidence tells a model to act against the wishes of the person who runs it. Please take it out. "
     "If it is there for a good reason, such as a lesson about attacks, say so in the description and keep it out of the prompts.")),
    ("hidden_text", "plain-text", "Invisible or encoded text",
     ("The field in the evidence contains characters that a reader cannot see, or a passage that is encoded. Please write it out plainly. "
     "Copying text from a web page or a word processor often brings such characters along.")),
    ("impersonation", "honest-names", "It looks like somebody else's",
     ("The name or the words of your listing suggest that it comes from somebody else. Please choose a name of your own. "
     "If you act for the people whose name it is, have your publisher verified first.")),
    ("name", "honest-names", "A misleading name",
     "The name of your listing could be taken for another listing, or promises something that is not checked. Please choose another; the content itself need not change."),
    ("permissions", "permissions", "More permissions than needed",
     ("Your listing asks for the permission named in the evidence, and we could not find where it needs it. "
     "Please take it out, or explain in its “why” what it is for, and submit again.")),
    ("malware", "no-harm", "Built to do harm",
     "What your listing does, as shown in the evidence, harms the people who run it or others. It cannot be published, changed or unchanged."),
    ("misleading", "keeps-its-word", "It does something else than it says",
     "We ran your listing with its example inputs, and it did not do what the description promises; see the evidence. Please mend either of the two and submit again."),
    ("quality", "quality", "It does not run",
     "With its own example inputs your listing does not come to a usable result; see the evidence. Please try it in your workspace with the same inputs, mend it and submit again."),
    ("quality", "quality", "The words are not complete",
     "Parts of the description are missing or still placeholders. Please complete them: what it does, for whom, what it needs, and where its limits are."),
    ("licence", "licence", "The origin is not named",
     "Large parts of your listing are those of the listing named in the evidence. Please name it under metadata.forked_from and keep to its licence, or use texts of your own."),
    ("spam", "no-spam", "A copy of what is there",
     "Your listing is nearly the same as the one in the evidence. If it does something better, say what in its summary; otherwise please suggest the change to the other publisher."),
    ("illegal", "law", "Not allowed by law",
     "What your listing offers is not allowed by law where this platform is operated; the evidence names the passage. It cannot be published."),
    ("other", "publisher-duties", "Your answer is needed",
     "We need an answer from you before we can decide about your listing; the evidence says which. Please reply by changing the version and submitting it again, or through the appeal."),
)  # fmt: skip


def seed(apps, schema_editor):
    policy, canned = apps.get_model("moderation", "Policy"), apps.get_model("moderation", "CannedText")
    by_code = {}
    for code, number, title, text in POLICIES:
        by_code[code], _ = policy.objects.get_or_create(code=code, defaults={"number": number, "title": title, "text": text})
    for reason, code, title, text in CANNED:
        canned.objects.get_or_create(reason_code=reason, title=title, defaults={"policy": by_code[code], "text": text})


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_guards")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

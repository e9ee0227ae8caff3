"""The check for secrets in any string."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.rules.secrets.scanning import Secret, secret_under, secrets_in
from marketplace.checks.subject import Subject, Text

CODES = {
    "secret.private_key": "Private keys",
    "secret.cloud_key": "Keys of cloud providers",
    "secret.model_key": "Keys of model providers",
    "secret.code_host_token": "Tokens of code hosts",
    "secret.package_token": "Tokens of package registries",
    "secret.chat_token": "Tokens of chat services",
    "secret.webhook": "Addresses and secrets of webhooks",
    "secret.payment_key": "Keys of payment services",
    "secret.mail_key": "Keys of mail services",
    "secret.service_token": "Tokens of other services",
    "secret.jwt": "Signed tokens (JWT)",
    "secret.url_password": "Passwords in addresses",
    "secret.connection_string": "Passwords in connection strings",
    "secret.authorization": "Values of authorization headers",
    "secret.assigned": "Values that are called a password, key or token",
    "secret.random": "Random texts such as keys are",
}
FIX = (
    "Take it out, and replace it where it was made: whoever reads drafts has seen it. "
    "A listing asks for a credential in requires.credentials; each workspace fills in its own."
)


def look(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        for secret in _secrets(text):
            severity = Severity.ERROR if secret.sure else Severity.WARNING
            message = f"This looks like {secret.name}."
            evidence = subject.mask(secret.value)
            yield subject.found(secret.code, severity, text.path, message, FIX, at=secret.at, evidence=evidence)


def _secrets(text: Text) -> Iterator[Secret]:
    found = list(secrets_in(text.value))
    yield from found
    if not found and not text.is_name:
        names = [part for part in text.path[-3:] if isinstance(part, str)]
        under = (secret_under(name, text.value) for name in names)
        yield from [secret for secret in under if secret][:1]


CHECK = Check("secret", CODES, look)

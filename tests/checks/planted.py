"""Sixty secrets of sixty kinds, made up at run time from their shapes, so that nothing in this tree looks like one."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator

HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
ALNUM = string.ascii_letters + string.digits
LOOSE = ALNUM + "-_"


class Forge:
    """Random texts of given alphabets, the same in every run of the tests."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def of(self, alphabet: str, length: int) -> str:
        return "".join(self._chance.choices(alphabet, k=length))

    def mixed(self, length: int) -> str:
        """With three digits, three capitals and three small letters at least."""
        letters = [*self.of(string.digits, 3), *self.of(string.ascii_uppercase, 3), *self.of(string.ascii_lowercase, 3)]
        letters += self.of(ALNUM, length - len(letters))
        self._chance.shuffle(letters)
        return "".join(letters)


def planted(seed: int = 4) -> Iterator[tuple[str, str]]:  # noqa: PLR0915 - a list, made one by one
    """What it is, and a sentence or a value that holds it."""
    f = Forge(seed)
    yield "aws access key", f"Use {'AK' + 'IA'}{f.of(UPPER, 16)} for the bucket."
    yield "aws session key", f"key {'AS' + 'IA'}{f.of(UPPER, 16)}"
    yield "aws secret", f"aws_secret_access_key = {f.mixed(40)}"
    yield "google api key", f"maps: {'AI' + 'za'}{f.of(LOOSE, 35)}"
    yield "google oauth secret", f"{'GOC' + 'SPX-'}{f.mixed(28)}"
    yield "google access token", f"{'ya' + '29.'}{f.mixed(60)}"
    yield "azure storage key", f"DefaultEndpointsProtocol=https;AccountName=x1;{'Account' + 'Key'}={f.mixed(86)}=="
    yield "azure client secret", f"{f.of(ALNUM, 3)}8{'Q' + '~'}{f.mixed(34)}"
    yield "digitalocean", f"{'dop' + '_v1_'}{f.of(HEX, 64)}"
    yield "alibaba", f"{'LT' + 'AI'}{f.mixed(20)}"
    yield "databricks", f"{'da' + 'pi'}{f.of(HEX, 32)}"
    yield "openai", f"Call it with {'sk' + '-proj-'}{f.mixed(48)}."
    yield "openai, older", f"{'s' + 'k-'}{f.mixed(48)}"
    yield "anthropic", f"{'sk' + '-ant-'}api03-{f.mixed(60)}"
    yield "hugging face", f"{'h' + 'f_'}{f.mixed(34)}"
    yield "groq", f"{'gs' + 'k_'}{f.mixed(52)}"
    yield "replicate", f"{'r' + '8_'}{f.mixed(37)}"
    yield "github classic", f"git clone with {'gh' + 'p_'}{f.mixed(36)}"
    yield "github fine-grained", f"{'github' + '_pat_'}{f.mixed(22)}_{f.mixed(59)}"
    yield "gitlab", f"{'gl' + 'pat-'}{f.mixed(20)}"
    yield "bitbucket", f"{'AT' + 'BB'}{f.mixed(32)}"
    yield "atlassian", f"{'ATA' + 'TT3x'}{f.mixed(80)}"
    yield "npm", f"{'np' + 'm_'}{f.mixed(36)}"
    yield "pypi", f"{'py' + 'pi-'}AgE{f.mixed(80)}"
    yield "docker hub", f"{'dckr' + '_pat_'}{f.mixed(27)}"
    yield "slack bot", f"{'xo' + 'xb-'}{f.of(string.digits, 12)}-{f.mixed(24)}"
    yield (
        "slack webhook",
        f"https://{'hooks.' + 'slack'}.com/services/T{f.of(UPPER, 8)}/B{f.of(UPPER, 8)}/{f.mixed(24)}",
    )
    yield "discord webhook", f"https://{'discord' + '.com'}/api/webhooks/{f.of(string.digits, 18)}/{f.mixed(68)}"
    yield "discord bot", f"M{f.mixed(23)}.{f.mixed(9)[:6]}.{f.mixed(27)}"
    yield "telegram", f"{f.of(string.digits[1:], 9)}:{'A' + 'A'}{f.of(LOOSE, 32)}x"
    yield (
        "teams webhook",
        f"https://x.{'webhook.' + 'office'}.com/webhookb2/{f.of(HEX, 32)}@{f.of(HEX, 32)}/IncomingWebhook/1",
    )
    yield "webhook signature", f"{'wh' + 'sec_'}{f.mixed(32)}"
    yield "stripe live", f"{'sk' + '_live_'}{f.mixed(24)}"
    yield "stripe restricted", f"{'rk' + '_test_'}{f.mixed(24)}"
    yield "square", f"{'sq0' + 'atp-'}{f.mixed(22)}"
    yield "shopify", f"{'shp' + 'at_'}{f.of(HEX, 32)}"
    yield "sendgrid", f"{'S' + 'G.'}{f.mixed(22)}.{f.mixed(43)}"
    yield "mailgun", f"{'ke' + 'y-'}{f.of(HEX, 32)}"
    yield "mailchimp", f"{f.of(HEX, 32)}-{'u' + 's'}14"
    yield "twilio", f"{'S' + 'K'}{f.of(HEX, 32)}"
    yield "linear", f"{'lin' + '_api_'}{f.mixed(40)}"
    yield "figma", f"{'fi' + 'gd_'}{f.mixed(40)}"
    yield "airtable", f"{'pa' + 't'}{f.mixed(14)}.{f.of(HEX, 64)}"
    yield "sentry", f"{'sntr' + 'ys_'}{f.mixed(60)}"
    yield "grafana", f"{'gl' + 'sa_'}{f.mixed(32)}_{f.of(HEX, 8)}"
    yield "vault", f"{'hv' + 's.'}{f.mixed(40)}"
    yield "new relic", f"{'NRA' + 'K-'}{f.of(UPPER, 27)}"
    yield "of this platform", f"{'g' + 'h_'}{f.of(HEX, 8)}_{f.mixed(43)}"
    yield "rsa key", f"-----{'BEGIN RSA ' + 'PRIVATE'} KEY-----\n{f.mixed(64)}\n{f.mixed(64)}\n-----END"
    yield "openssh key", f"-----{'BEGIN OPENSSH ' + 'PRIVATE'} KEY-----\n{f.mixed(70)}"
    yield "jwt", f"{'ey' + 'J'}{f.mixed(30)}.{'ey' + 'J'}{f.mixed(60)}.{f.mixed(43)}"
    yield "password in an address", f"postgresql://app:{f.mixed(14)}@db.somewhere.io:5432/main"
    yield "redis address", f"rediss://default:{f.mixed(20)}@cache.somewhere.io:6379"
    yield "ado connection string", f"Server=db1;Database=crm;User Id=app;{'Pass' + 'word'}={f.mixed(12)}!;"
    yield "libpq string", f"host=db.somewhere.io user=app {'pass' + 'word'}={f.mixed(16)} dbname=x"
    yield "bearer", f"Send the header Authorization: {'Bear' + 'er'} {f.mixed(40)}"
    yield "password, said", f"Sign in as admin; the {'pass' + 'word'} is {f.mixed(11)}!"
    yield "api key, said", f"{'api' + '_key'}: {f.of(HEX, 32)}"
    yield "random", f"Pass {f.mixed(44)} along with every call."
    yield "encoded", "Decode " + base64.b64encode(f"{'gh' + 'p_'}{f.mixed(36)} is the token".encode()).decode()

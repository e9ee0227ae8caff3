"""The shapes of credentials. Every quantifier has a bound and every expression starts with something rare, so that looking is linear.

A kind is looked for only where one of its `words` stands in the text (in lower case); `secret` is the group that is the secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ALNUM = "A-Za-z0-9"
START = rf"(?<![{ALNUM}_-])"
END = rf"(?![{ALNUM}_-])"
HEX = "0-9a-fA-F"


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    name: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    secret: int = 0

    @property
    def is_token(self) -> bool:
        """Whether the whole of it is what an issuer made."""
        return self.secret == 0 and self.code != "secret.private_key"


def _kind(code: str, name: str, pattern: str, *words: str, secret: int = 0) -> Kind:
    return Kind(f"secret.{code}", name, tuple(word.lower() for word in words), re.compile(pattern), secret)


def _token(code: str, name: str, start: str, rest: str) -> Kind:
    """A token that begins with the issuer's own letters."""
    return _kind(code, name, rf"{START}{re.escape(start)}{rest}", start)


KINDS: tuple[Kind, ...] = (
    _kind(
        "private_key",
        "a private key",
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,20000})",
        "private key",
    ),
    _kind("private_key", "a PuTTY private key", r"PuTTY-User-Key-File-[23]:[^\n]{0,80}", "putty-user-key"),
    _token("private_key", "an age private key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{40,80}"),
    _kind("cloud_key", "an AWS access key", rf"{START}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}{END}", "akia", "asia", "abia", "acca"),
    _token("cloud_key", "an AWS Bedrock key", "ABSK", rf"[{ALNUM}+/]{{80,200}}={{0,2}}"),
    _token("cloud_key", "a Google API key", "AIza", rf"[{ALNUM}_-]{{35}}"),
    _token("cloud_key", "a Google OAuth secret", "GOCSPX-", rf"[{ALNUM}_-]{{20,40}}"),
    _token("cloud_key", "a Google access token", "ya29.", rf"[{ALNUM}_.-]{{20,300}}"),
    _kind(
        "cloud_key",
        "an Azure storage key",
        r"(?i:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,88}={0,2})",
        "accountkey=",
        "sharedaccesskey=",
        secret=1,
    ),
    _kind("cloud_key", "an Azure signature", r"[?&]sig=([A-Za-z0-9%+/=]{40,120})", "sig=", secret=1),
    _kind("cloud_key", "an Azure client secret", rf"{START}[{ALNUM}_.~]{{3}}\dQ~[{ALNUM}_.~-]{{31,34}}", "q~"),
    _kind("cloud_key", "an Alibaba access key", rf"{START}LTAI[{ALNUM}]{{12,24}}{END}", "ltai"),
    _token("cloud_key", "a DigitalOcean token", "dop_v1_", r"[a-f0-9]{64}"),
    _token("cloud_key", "a Heroku key", "HRKU-", rf"[{ALNUM}_-]{{30,80}}"),
    _token("cloud_key", "a Fly.io token", "fo1_", rf"[{ALNUM}_-]{{40,60}}"),
    _token("cloud_key", "a Netlify token", "nfp_", rf"[{ALNUM}]{{30,60}}"),
    _token("cloud_key", "a Render key", "rnd_", rf"[{ALNUM}]{{24,60}}"),
    _token("cloud_key", "a Supabase token", "sbp_", r"[a-f0-9]{40}"),
    _token("cloud_key", "a PlanetScale token", "pscale_tkn_", rf"[{ALNUM}_.-]{{32,64}}"),
    _token("cloud_key", "a Databricks token", "dapi", rf"[a-f0-9]{{32}}(?:-\d)?{END}"),
    _token("cloud_key", "a Scalingo token", "tk-us-", rf"[{ALNUM}_-]{{48}}"),
    _kind("model_key", "an Anthropic key", rf"{START}sk-ant-[{ALNUM}_-]{{24,200}}", "sk-ant-"),
    _kind("model_key", "an OpenAI key", rf"{START}sk-(?:proj-|svcacct-|admin-|or-v1-)?[{ALNUM}_-]{{20,200}}", "sk-"),
    _token("model_key", "a Hugging Face token", "hf_", rf"[{ALNUM}]{{30,40}}{END}"),
    _token("model_key", "a Groq key", "gsk_", rf"[{ALNUM}]{{40,60}}"),
    _token("model_key", "a Replicate token", "r8_", rf"[{ALNUM}]{{37}}"),
    _token("model_key", "an xAI key", "xai-", rf"[{ALNUM}]{{60,100}}"),
    _token("model_key", "a Perplexity key", "pplx-", rf"[{ALNUM}]{{40,64}}"),
    _token("model_key", "an NVIDIA key", "nvapi-", rf"[{ALNUM}_-]{{50,80}}"),
    _token("model_key", "a LangSmith key", "lsv2_", r"(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    _token("model_key", "a Tavily key", "tvly-", rf"[{ALNUM}-]{{20,60}}"),
    _kind("code_host_token", "a GitHub token", rf"{START}gh[pousr]_[{ALNUM}]{{36,255}}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _token("code_host_token", "a GitHub token", "github_pat_", rf"[{ALNUM}_]{{60,100}}"),
    _kind("code_host_token", "a GitLab token", rf"{START}gl(?:pat|dt|rt|ptt|soat|cbt|ft|imt|agent|oas)-[{ALNUM}_.-]{{20,100}}", "glpat-", "gldt-", "glrt-", "glptt-", "glsoat-", "glcbt-", "glft-", "glimt-", "glagent-", "gloas-"),
    _token("code_host_token", "a Bitbucket token", "ATBB", rf"[{ALNUM}]{{28,40}}"),
    _token("code_host_token", "an Atlassian token", "ATATT3x", rf"[{ALNUM}_=-]{{60,200}}"),
    _token("package_token", "an npm token", "npm_", rf"[{ALNUM}]{{36}}{END}"),
    _token("package_token", "a PyPI token", "pypi-", rf"AgE[{ALNUM}_-]{{50,300}}"),
    _token("package_token", "a RubyGems key", "rubygems_", r"[a-f0-9]{48}"),
    _token("package_token", "a Docker Hub token", "dckr_pat_", rf"[{ALNUM}_-]{{20,40}}"),
    _token("package_token", "a crates.io token", "cio", rf"[{ALNUM}]{{32}}{END}"),
    _kind("chat_token", "a Slack token", rf"{START}xox[abeoprs]-[{ALNUM}-]{{10,250}}", "xox"),
    _token("chat_token", "a Slack app token", "xapp-", rf"\d-[{ALNUM}-]{{20,200}}"),
    _kind("chat_token", "a Telegram bot token", rf"(?<!\d)\d{{8,10}}:AA[{ALNUM}_-]{{33}}{END}", ":aa"),
    _kind("chat_token", "a Discord bot token", rf"{START}[MNO][{ALNUM}_-]{{23,27}}\.[{ALNUM}_-]{{6}}\.[{ALNUM}_-]{{27,40}}{END}", "."),
    _kind("webhook", "a Slack webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,120})", "hooks.slack.com", secret=1),
    _kind("webhook", "a Discord webhook", r"discord(?:app)?\.com/api/webhooks/(\d{5,25}/[A-Za-z0-9_-]{30,120})", "/api/webhooks/", secret=1),
    _kind("webhook", "a Teams webhook", r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{40,250})", "webhook.office.com", secret=1),
    _kind("webhook", "a Zapier webhook", r"hooks\.zapier\.com/hooks/catch/(\d{3,12}/[A-Za-z0-9]{4,20})", "hooks.zapier.com", secret=1),
    _token("webhook", "a webhook's signing secret", "whsec_", rf"[{ALNUM}+/=]{{24,80}}"),
    _kind("payment_key", "a Stripe key", rf"{START}[rs]k_(?:live|test)_[{ALNUM}]{{16,250}}", "k_live_", "k_test_"),
    _kind("payment_key", "a Square token", rf"{START}sq0(?:atp|csp)-[{ALNUM}_-]{{22,60}}", "sq0atp-", "sq0csp-"),
    _kind("payment_key", "a Braintree token", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}", "access_token$"),
    _kind("payment_key", "a Shopify token", rf"{START}shp(?:at|ss|ca|pa)_[{HEX}]{{32}}", "shpat_", "shpss_", "shpca_", "shppa_"),
    _kind("mail_key", "a SendGrid key", rf"{START}SG\.[{ALNUM}_-]{{16,32}}\.[{ALNUM}_-]{{16,64}}", "sg."),
    _kind("mail_key", "a Mailgun key", rf"{START}key-[a-f0-9]{{32}}{END}", "key-"),
    _kind("mail_key", "a Mailchimp key", rf"{START}[a-f0-9]{{32}}-us\d{{1,2}}{END}", "-us"),
    _token("mail_key", "a Brevo key", "xkeysib-", r"[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    _token("mail_key", "a Postmark or Resend key", "re_", rf"[{ALNUM}]{{8}}_[{ALNUM}]{{24}}{END}"),
    _kind("service_token", "a Twilio key", rf"{START}SK[a-f0-9]{{32}}{END}", "sk"),
    _token("service_token", "a Linear key", "lin_api_", rf"[{ALNUM}]{{40}}"),
    _token("service_token", "a Notion token", "ntn_", rf"[{ALNUM}]{{40,60}}"),
    _token("service_token", "a Figma token", "figd_", rf"[{ALNUM}_-]{{36,60}}"),
    _kind("service_token", "an Airtable token", rf"{START}pat[{ALNUM}]{{14}}\.[a-f0-9]{{64}}", "pat"),
    _token("service_token", "a Postman key", "PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    _token("service_token", "a New Relic key", "NRAK-", r"[A-Z0-9]{27}"),
    _kind("service_token", "a Sentry token", rf"{START}sntry[su]_[{ALNUM}+/=_]{{40,250}}", "sntrys_", "sntryu_"),
    _kind("service_token", "a Grafana token", rf"{START}gl(?:sa|c)_[{ALNUM}+/=_]{{32,250}}", "glsa_", "glc_"),
    _kind("service_token", "a Doppler token", rf"{START}dp\.(?:pt|st|ct|sa|scim|audit)\.[{ALNUM}._-]{{40,80}}", "dp."),
    _kind("service_token", "a Vault token", rf"{START}hv[sbr]\.[{ALNUM}_-]{{24,200}}", "hvs.", "hvb.", "hvr."),
    _kind("service_token", "a Terraform token", rf"{START}[{ALNUM}]{{14}}\.atlasv1\.[{ALNUM}_=-]{{60,70}}", ".atlasv1."),
    _token("service_token", "a Pulumi token", "pul-", r"[a-f0-9]{40}"),
    _token("service_token", "a Cloudflare token", "v1.0-", r"[a-f0-9]{24}-[a-f0-9]{100,200}"),
    _kind("service_token", "a key of this platform", rf"{START}gh_[a-f0-9]{{8}}_?[{ALNUM}_.-]{{30,60}}", "gh_"),
    _kind("jwt", "a signed token (JWT)", rf"{START}eyJ[{ALNUM}_-]{{10,2000}}\.eyJ[{ALNUM}_-]{{10,4000}}\.[{ALNUM}_-]{{0,2000}}", "eyj"),
    _kind("url_password", "a password in an address", r"[A-Za-z0-9+]://[^\s:/?#@\"'<>]{0,80}:([^\s/?#@\"'<>]{3,200})@[A-Za-z0-9\[]", "://", secret=1),
    _kind("connection_string", "a password in a connection string", r"(?i:(?:Server|Data Source|Host|Endpoint|Uid|User Id|Database)=[^;\n]{1,100};(?:[^;\n]{1,100};){0,6}?\s{0,3}(?:Password|Pwd)=)([^;\s\"']{3,200})", "password=", "pwd=", secret=1),
    _kind("connection_string", "a secret in a libpq string", r"(?i:\bhost=\S{1,100} (?:\S{1,60} ){0,6}?password=)([^\s\"']{3,200})", "password=", secret=1),
    _kind("authorization", "a value of an Authorization header", r"(?i:\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token|apikey)\s{1,3})([A-Za-z0-9+/=._~-]{12,500})", "authorization", secret=1),
    _kind("authorization", "a bearer token", r"(?i:\bbearer\s{1,3})([A-Za-z0-9+/=._~-]{20,500})", "bearer", secret=1),
)  # fmt: skip

"""Why something is decided against, in words that rules, reports, checks and policies share."""

from __future__ import annotations

from django.db import models


class ReasonCode(models.TextChoices):
    """A machine's word for a reason; its label is for people."""

    SECRET = "secret", "A key, password or token is in it"
    TENANT_DATA = "tenant_data", "It carries data of a workspace"
    INJECTION = "injection", "It gives a model orders that its user would not want"
    HIDDEN_TEXT = "hidden_text", "It hides text from whoever reads it"
    IMPERSONATION = "impersonation", "It pretends to be of somebody else"
    NAME = "name", "Its name misleads or is taken"
    PERMISSIONS = "permissions", "It asks for more than it needs"
    MALWARE = "malware", "It does harm"
    MISLEADING = "misleading", "It does not do what it says"
    QUALITY = "quality", "It does not work well enough"
    LICENCE = "licence", "Its licence or origin is not right"
    ILLEGAL = "illegal", "It breaks the law"
    SPAM = "spam", "It is an advertisement or a copy"
    OTHER = "other", "Something else"

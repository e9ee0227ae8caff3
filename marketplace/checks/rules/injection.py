"""Orders that the user of an agent would not want it to have: read in lower case, without invisible characters, forged letters undone.

Every expression is made of words with bounded gaps. What stands after a warning (“if a document says …, do not obey”) is noted, not held
against it: careful prompts speak of these things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.checks.finding import Check, Finding, Severity
from marketplace.checks.subject import Subject, Text, shown

W = r"[^.!?]"
THEIR = r"(?:the |their |his |her |your |any |an? |all )?"
KEYS = r"(?:api[ -]?keys?|access[ -]?keys?|private keys?|passwords?|passphrases?|credentials?|secrets?|tokens?|(?:credit|debit|payment) ?cards?(?: numbers?| details)?|card numbers?|cvv|cvc|seed phrases?|recovery phrases?|social security numbers?|pin codes?|one[- ]time codes?|2fa codes?|bank details)"
USER = r"(?:the |any |every )?(?:user|customer|reader|person|visitor|client|operator|people|them|him|her)s?"
WARNED = re.compile(
    r"\b(?:never|not|n't|don.?t|refuse|resist|reject|even if|such as|like|attempts?|tries|tried|trying|asks? you|tells? you|instead of|treat|report|flag|detect|warn|beware|without ever|suspicious|injection|phishing)\b"
)
QUOTES = ("“", '"', "'", "‘", "«", "„")
REFUSED = re.compile(r"[”\"'’»“],? (?:then )?(?:do not|don.?t|never|you must not|refuse)\b")
BEFORE = 120


@dataclass(frozen=True, slots=True)
class Sign:
    """`everywhere`: also outside what models read, as in a description that addresses its reviewer."""

    code: str
    what: str
    pattern: re.Pattern[str]
    severity: Severity = Severity.ERROR
    everywhere: bool = False
    may_warn: bool = True


def _sign(code: str, what: str, pattern: str, **more: object) -> Sign:
    return Sign(f"injection.{code}", what, re.compile(pattern), **more)  # type: ignore[arg-type]


CODES = {
    "injection.override": "Orders to forget other orders",
    "injection.fake_roles": "Marks that pretend to be the system",
    "injection.asks_for_secrets": "Asking people for keys, passwords or cards",
    "injection.remote_orders": "Orders that are fetched from elsewhere",
    "injection.no_confirmation": "Going round a person’s consent",
    "injection.concealment": "Keeping things from the user",
    "injection.trigger": "Orders that wait for a moment",
    "injection.exfiltration": "Carrying data away",
    "injection.reveals": "Asking for prompts and settings",
    "injection.installs": "Installing or changing agents",
    "injection.to_reviewers": "Words to whoever judges it",
}
SIGNS = (
    _sign("override", "It tells a model to forget what it was told", rf"\b(?:ignore|disregard|forget|override|bypass|drop|do not follow)\b{W}{{0,30}}\b(?:previous|prior|above|earlier|preceding|other|existing|original|all|any|system|safety)\b{W}{{0,30}}\b(?:instructions?|prompts?|rules?|orders?|guidelines?|directives?|guardrails|restrictions|policies|programming)\b", everywhere=True),
    _sign("override", "It tells a model to forget what it was told", r"\b(?:ignoriere|vergiss|missachte)\b.{0,30}\b(?:anweisung|anweisungen|regeln|befehle)\b|\b(?:ignore[rz]?|oublie[rz]?)\b.{0,30}\b(?:instructions|consignes|regles)\b.{0,20}\bprecedent|\b(?:ignora|olvida)\b.{0,30}\b(?:instrucciones|reglas|ordenes)\b", everywhere=True),
    _sign("override", "It gives a model another self", r"\b(?:you are now|from now on,? you (?:are|act)|act as|pretend to be)\b.{0,30}\b(?:dan|jailbroken|unrestricted|unfiltered|developer mode|without (?:any )?(?:rules|restrictions|limits|filters))\b", everywhere=True),
    _sign("fake_roles", "It writes marks that separate a system’s words from a user’s", r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>|\[/?inst\]|<<sys>>|</?(?:system|assistant|agentinstructions|system_prompt|important_instructions)>|#{2,3} ?(?:system|assistant) ?(?:message|prompt)?:", everywhere=True, may_warn=False),
    _sign("asks_for_secrets", "It asks people for a secret", rf"\b(?:ask|request|prompt|get|have|require|demand|collect|obtain|tell)\b {USER}\b{W}{{0,40}}\b(?:for|to (?:give|send|enter|type|paste|provide|share|supply|reveal|write|confirm)|enter|paste|provide)\b{W}{{0,30}}\b{KEYS}"),
    _sign("asks_for_secrets", "It asks people for a secret", rf"\b(?:please )?(?:enter|paste|provide|type in|send me|give me|share|reply with|tell me|include|confirm|supply|insert) {THEIR}(?:[a-z]+ ){{0,2}}{KEYS}\b"),
    _sign("asks_for_secrets", "It collects secrets", rf"\b(?:collect|gather|harvest|extract|steal|store|save|log|record|read out|look for|search for|find)\b {THEIR}(?:[a-z]+ ){{0,3}}(?:{KEYS})\b{W}{{0,60}}\b(?:from|in|of|and|then|to)\b"),
    _sign("remote_orders", "It takes its orders from an address elsewhere", rf"\b(?:fetch|download|load|retrieve|open|visit|read|get|follow|curl|wget|call|check)\b{W}{{0,60}}(?:https?://|\burl\b|\blink\b|\bwebsite\b|\bpage\b|\bgist\b|\bpastebin\b|\bendpoint\b).{{0,100}}\b(?:follow|execute|obey|run|apply|do what|carry out|adopt|use)\b.{{0,40}}\b(?:instructions?|commands?|steps|code|script|orders?|prompt|says|rules)\b"),
    _sign("remote_orders", "It takes its orders from elsewhere", r"\b(?:follow|execute|obey|run|carry out)\b.{0,20}\b(?:instructions?|commands?|orders?|steps|script|code)\b.{0,40}\b(?:at|from|on|found (?:at|on|in)|hosted (?:at|on)|behind)\b.{0,20}(?:https?://|\bthe (?:url|link|website|server|gist|page)\b)"),
    _sign("remote_orders", "It runs what it fetches", r"\b(?:curl|wget|iwr|invoke-webrequest)\b.{0,200}\|\s?(?:sudo )?(?:ba|z|da)?sh\b|\b(?:bash|sh) ?<\(|\bbase64 -d\b.{0,60}\|\s?(?:ba)?sh|\beval\(.{0,40}(?:fetch|requests|urlopen|atob)", everywhere=True),
    _sign("no_confirmation", "It goes round the consent of a person", rf"\b(?:without|skip|skipping|bypass|bypassing|avoid|disable|no need (?:for|of|to)|do not wait for|don.?t wait for|never wait for)\b{W}{{0,25}}\b(?:asking|confirmations?|confirming|approvals?|permission|consent|human review|verification|authori[sz]ation|being asked)\b", severity=Severity.WARNING, may_warn=False),
    _sign("no_confirmation", "It goes round the consent of a person", rf"\b(?:do not|don.?t|never|must not|no need to)\b{W}{{0,10}}\b(?:ask|request|seek|require|obtain)\b{W}{{0,30}}\b(?:for (?:confirmation|approval|permission|consent|a yes)|confirmation|approval|permission|consent|whether you may|first|before you|before it)\b", severity=Severity.WARNING, may_warn=False),
    _sign("no_confirmation", "It claims a consent that only a person can give", r"\b(?:the user|a human|the person|an? admin(?:istrator)?|everybody|the owner)\b.{0,15}\b(?:has|have|had) (?:already )?(?:approved|agreed|consented|authori[sz]ed|given (?:permission|consent))\b|\b(?:approve|confirm|accept|answer yes to)\b.{0,20}\b(?:automatically|everything|all (?:requests|questions|prompts|tool calls))\b"),
    _sign("concealment", "It keeps something from its user", rf"\b(?:do not|don.?t|never|must not|without|avoid)\b{W}{{0,15}}\b(?:tell(?:ing)?|inform(?:ing)?|let(?:ting)?|notify(?:ing)?|alert(?:ing)?) (?:the |any )?(?:users?|customers?|operator|admin|administrator|human|person|reader|anyone|anybody)\b (?:about|of|that you|that this|know|anything|it\b|what you)", severity=Severity.WARNING, may_warn=False),
    _sign("concealment", "It keeps something from its user", rf"\b(?:do not|don.?t|never|must not|without|avoid)\b{W}{{0,15}}\b(?:mention(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|show(?:ing)?|report(?:ing)?)\b (?:any of )?(?:this|it|that|these|them|the (?:step|call|request|upload|transfer|instructions?|order|action))\b{W}{{0,25}}\b(?:user|users|customer|operator|admin|administrator|human|person|reader|anyone|anybody|answer|reply|report|output)\b", severity=Severity.WARNING, may_warn=False),
    _sign("concealment", "It works in secret", r"\b(?:secretly|silently|covertly|quietly|unnoticed|behind the (?:user|customer).?s? back|without (?:the user|anyone|anybody|them) (?:knowing|noticing|seeing)),? (?:[a-z]{1,15} ){0,2}(?:send|sends|append|include|call|forward|copy|store|post|upload|add|run|execute|write|transmit|collect)\b|\b(?:send|append|include|call|forward|copy|post|upload|transmit|collect)\b.{0,60}\b(?:secretly|silently|covertly|unnoticed|without (?:the user|anyone|anybody|them) (?:knowing|noticing|seeing))\b"),
    _sign("trigger", "It behaves otherwise at a certain moment", r"\b(?:after|once|on|at|every|when|from)\b.{0,12}\b(?:\d{1,6}|ten|twenty|fifty|hundred|thousand)(?:th|st|nd|rd)? (?:runs?|uses?|executions?|installs?|installations?|conversations?|days?|weeks?)\b.{0,60}\b(?:start|begin|switch|stop|send|change|instead|then|ignore|add|act)\b"),
    _sign("trigger", "It behaves otherwise for certain people", r"\b(?:if|when|whenever|only when|unless)\b.{0,20}\b(?:(?:tenant|workspace|installer)(?:.s name)?\b.{0,15}\b(?:is|equals|named|called|contains|belongs|==)|(?:company|customer|organi[sz]ation|user)(?:.s name)?.{0,6}\b(?:is named|is called|name is|name equals|named|called|name contains|==))\b.{0,80}\b(?:start|switch|stop|send|change|instead|then|ignore|add|answer|reply|write|recommend|say|act|output|use)\b"),
    _sign("trigger", "It behaves otherwise from a certain day", r"\b(?:after|starting|beginning|from|until|if (?:the|today.s) date is (?:after|past|later than))\b.{0,5}\b(?:\d{4}-\d{2}-\d{2}|(?:\d{1,2} )?(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,4}(?:,? \d{4})?)\b.{0,60}\b(?:start|begin|switch|stop|send|change|instead|ignore|act|behave)\b"),
    _sign("trigger", "It behaves otherwise when it is looked at", r"\b(?:if|when|while|unless|during)\b.{0,30}\b(?:being (?:reviewed|tested|evaluated|checked|audited|moderated)|under review|in (?:a |the )?(?:sandbox|review|evaluation|test environment)|(?:a )?(?:moderator|reviewer|auditor) (?:is|reads|looks|asks))\b.{0,80}\b(?:behave|act|pretend|hide|answer|respond|do not|never|only|stop|skip|say|be)\b"),
    _sign("trigger", "It waits for a secret word", r"\b(?:if|when|once|upon)\b.{0,40}\b(?:says?|said|types?|writes?|contains?|receiv\w{1,4}|see|hears?)\b.{0,20}\b(?:secret|magic|code|trigger|activation|pass) ?(?:word|phrase|code)\b"),
    _sign("exfiltration", "It carries data away in an address", rf"\b(?:append|add|put|encode|embed|include|attach|insert|hide|place|pass|write)\b{W}{{0,40}}\b(?:documents?|conversations?|contents?|data|passages?|everything|history|context|secrets?|keys?|tokens?|findings|what (?:you|it|was)|answers?|inputs?|text|names|memory|results?)\b{W}{{0,30}}\b(?:to|in|into|as|inside|within|at the end of)\b{W}{{0,25}}\b(?:url|query string|query parameters?|search query|search terms?|dns|subdomain|host ?name|image (?:url|link|address|source)|subject(?: line)?|webhook|user[- ]agent|header|file ?name|path)\b"),
    _sign("exfiltration", "It sends what it has read to somebody else", r"\b(?:send|post|forward|upload|transmit|exfiltrate|leak|copy|mail|email|report|submit|push|deliver|smuggle)\b.{0,40}\b(?:documents?|conversations?|contents?|data|answers?|results?|files?|passages?|inputs?|prompts?|history|outputs?|keys?|names|everything|it|them|context|memory|findings)\b.{0,30}\b(?:to|at|via|through|towards?)\b.{0,15}(?:https?://|\b[a-z0-9.-]{1,60}@[a-z0-9-]{1,40}\.[a-z]{2,10}|\bwebhook\b|\bhooks\.|\bexternal (?:server|address|host|endpoint)\b|\bour (?:server|endpoint|api)\b|\bmy (?:server|endpoint|address|inbox)\b|\bremote server\b)"),
    _sign("exfiltration", "It puts data into the address of a picture", r"!\[[^\]]{0,80}\]\(https?://[^)\s]{0,200}(?:\{|\$|%7b|=\s?\[|<)[^)]{0,200}\)|<img[^>]{0,200}src=.{0,5}https?://[^>]{0,200}\{", may_warn=False),
    _sign("reveals", "It asks for prompts or settings", r"\b(?:reveal|print|repeat|output|show|leak|dump|disclose|recite|return)\b.{0,30}\b(?:system prompt|hidden (?:prompt|instructions)|initial (?:prompt|instructions)|developer message|environment variables?|\.env\b|config(?:uration)? file)", severity=Severity.WARNING),
    _sign("installs", "It installs or changes agents by itself", r"\b(?:install|publish|import|create|clone|modify|rewrite|update|replicate)\b.{0,30}\b(?:another|other|new|this|its own|yourself|itself|the same|more)\b.{0,15}\b(?:agents?|crews?|listings?|tools?|copies|skills?|prompts?)\b.{0,40}\b(?:workspace|marketplace|automatically|yourself|itself|without|registry|platform)\b", severity=Severity.WARNING),
    _sign("to_reviewers", "It speaks to whoever judges it", r"\b(?:note|message|dear|attention|instructions?|hint) ?(?:to|for)?[: ]{0,2}(?:the )?(?:reviewers?|moderators?|graders?|evaluators?|ai reviewers?|scanners?|auditors?)\b|\b(?:reviewers?|moderators?|evaluators?|scanners?)\b.{0,30}\b(?:must|should|please|can safely|may)\b.{0,20}\b(?:approve|pass|accept|skip|ignore|publish|rate)\b|\b(?:rate|give) (?:this|it|me|us) (?:with )?(?:five|5) stars\b|\bmark (?:this|it) (?:listing |manifest )?as (?:safe|clean|approved)\b", everywhere=True),
)  # fmt: skip
FIXES = {
    "injection.asks_for_secrets": "Ask for a credential in requires.credentials; people fill it in where nobody reads it.",
    "injection.remote_orders": "Write the instructions into the manifest: what is not in it is not looked at.",
    "injection.exfiltration": "Take it out. What leaves the workspace goes through a tool with a permission that people grant.",
    "injection.no_confirmation": "Let a person decide: name the tool under approvals or ask_before_tools.",
    "injection.trigger": "Say what it does always, or make the condition an input that people see.",
}
FIX = "Take it out, or say in plain words what is meant; if it warns of such orders, say so in the same sentence."


def look(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        if not text.is_name:
            yield from _signs(subject, text)


def _signs(subject: Subject, text: Text) -> Iterator[Finding]:
    told: set[str] = set()
    for sign in SIGNS:
        if sign.code in told or not (sign.everywhere or text.is_prompt):
            continue
        match = _strongest(sign, text)
        if match is not None:
            told.add(sign.code)
            severity = Severity.INFO if _is_warning(sign, text, match) else sign.severity
            at, end = text.plain.place(match.start()), text.plain.place(match.end())
            message = f"{sign.what}: “{shown(text.value[at:end])}”."
            yield subject.found(sign.code, severity, text.path, message, FIXES.get(sign.code, FIX), at=at)


def _strongest(sign: Sign, text: Text) -> re.Match[str] | None:
    """The first place that is no warning, or else the first of all."""
    first = None
    for match in sign.pattern.finditer(text.plain.text):
        first = first or match
        if not _is_warning(sign, text, match):
            return match
    return first


def _is_warning(sign: Sign, text: Text, match: re.Match[str]) -> bool:
    """Whether the words before it in its sentence warn of it, or it is quoted."""
    if not sign.may_warn:
        return False
    said = text.plain.text
    before = re.split(r"[.!?:;] ", said[max(0, match.start() - BEFORE) : match.start()])[-1]
    if before.endswith(QUOTES) and REFUSED.match(said[match.end() : match.end() + BEFORE]):
        return True
    return WARNED.search(before) is not None


CHECK = Check("injection", CODES, look)

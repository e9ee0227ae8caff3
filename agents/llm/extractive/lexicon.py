"""Words that say nothing by themselves, words that instruct, and words that stand where another is asked for."""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
GRAMMAR = frozenset({
    "a", "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "could", "did", "do", "does",
    "doing", "done", "down", "during", "each", "either", "else", "ever", "few", "for", "from", "further", "get", "give",
    "given", "gives", "had", "has", "have", "having", "he", "hence", "her", "here", "hers", "him", "his", "how", "i",
    "if", "in", "into", "is", "it", "its", "itself", "just", "let", "may", "me", "might", "more", "most", "much",
    "must", "my", "near", "no", "nor", "not", "now", "of", "off", "on", "once", "one", "only", "or", "other", "our",
    "out", "over", "own", "per", "please", "same", "shall", "she", "should", "so", "some", "such", "than", "that",
    "the", "their", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until",
    "up", "upon", "us", "use", "used", "uses", "using", "very", "was", "we", "were", "what", "when", "where", "whether",
    "which", "while", "who", "whom", "whose", "why", "will", "with", "within", "without", "would", "yes", "yet", "you",
    "your", "yours",
})

INSTRUCTION = frozenset({
    "according", "analyse", "analysis", "analyze", "answer", "appear", "base", "bullet", "check", "citation", "cite",
    "compile", "complete", "concise", "copy", "describe", "description", "detail", "determine", "document", "draft",
    "evidence", "exact", "exactly", "examine", "expected", "explain", "extract", "fact", "final", "find", "finding",
    "focus", "following", "form", "format", "gather", "identify", "include", "information", "key", "label", "line",
    "list", "listed", "main", "make", "markdown", "mention", "name", "need", "note", "output", "overview", "paragraph",
    "passage", "pick", "point", "prepare", "present", "produce", "provide", "question", "quotation", "quote", "read",
    "reader", "reason", "relevant", "report", "research", "respond", "result", "return", "review", "say", "search",
    "section", "sentence", "short", "show", "source", "state", "statement", "structured", "sum", "summarise",
    "summarize", "summary", "support", "task", "tell", "text", "topic", "word", "workspace", "write",
})

UNITS = frozenset({
    "$", "%", "day", "db", "eur", "gbp", "gw", "gwh", "hour", "kg", "kilometre", "km", "kw", "kwh", "metre", "minute",
    "month", "mw", "mwh", "percent", "tonne", "usd", "week", "year", "£", "€",
})

# The offline provider has no other knowledge of meaning: words and units that answer a question in which the key occurs.
RELATED: Mapping[str, tuple[str, ...]] = {
    "energy": ("mwh", "kwh", "gwh", "capacity"),
    "store": ("capacity", "storage"),
    "storage": ("capacity", "store"),
    "power": ("mw", "kw", "gw"),
    "cost": ("eur", "usd", "gbp", "price", "€", "$", "investment"),
    "price": ("eur", "usd", "gbp", "cost", "€", "$"),
    "pay": ("eur", "usd", "gbp", "price"),
    "expensive": ("eur", "usd", "cost", "price"),
    "save": ("saving",),
    "long": ("minute", "hour", "day", "week", "month", "year"),
    "loud": ("db", "noise"),
    "heavy": ("kg", "tonne", "weigh"),
    "fast": ("faster", "minute", "hour"),
    "far": ("km", "m", "metre", "kilometre"),
    "big": ("capacity", "size", "square"),
    "large": ("capacity", "size", "square"),
    "size": ("capacity", "large", "total"),
    "share": ("%", "percent"),
    "percentage": ("%", "percent", "share"),
    "trend": ("grow", "growth", "rise", "fall", "increase", "decline", "plan", "will"),
    "growth": ("grow", "rise", "increase", "forecast"),
    "risk": ("wrong", "fail", "worry", "problem", "danger", "limit", "loss", "fall", "delay"),
    "opportunity": ("could", "save", "grow", "advice", "recommend", "advantage", "free"),
    "recommend": ("recommendation", "advise", "advice", "propose"),
    "recommendation": ("recommend", "advise", "advice", "propose"),
    "rule": ("law", "council", "permit", "regulation", "zone", "limit"),
    "competitor": ("competition", "share", "provider"),
    "customer": ("business", "client", "demand"),
    "safety": ("fire", "protection", "danger", "accident"),
    "deadline": ("until", "date", "before"),
    "built": ("building", "construction"),
    "begin": ("start",),
    "start": ("begin",),
}
# fmt: on

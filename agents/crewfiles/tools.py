"""CrewAI's tools and what does their work here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

KNOWLEDGE = "search_knowledge"
WEB_PAGE = "fetch_web_page"
WRITE = "write_file"

DOES = {
    KNOWLEDGE: "searches the documents of the workspace",
    WEB_PAGE: "reads one public page at a time",
    WRITE: "writes files that can be downloaded from the run",
}
"""How the substitutes differ from what they stand for."""

SUBSTITUTES = {
    "csvsearchtool": KNOWLEDGE,
    "directoryreadtool": KNOWLEDGE,
    "directorysearchtool": KNOWLEDGE,
    "docxsearchtool": KNOWLEDGE,
    "filereadtool": KNOWLEDGE,
    "filewritertool": WRITE,
    "firecrawlscrapewebsitetool": WEB_PAGE,
    "jsonsearchtool": KNOWLEDGE,
    "mdxsearchtool": KNOWLEDGE,
    "pdfsearchtool": KNOWLEDGE,
    "ragtool": KNOWLEDGE,
    "scrapeelementfromwebsitetool": WEB_PAGE,
    "scrapewebsitetool": WEB_PAGE,
    "serperscrapewebsitetool": WEB_PAGE,
    "txtsearchtool": KNOWLEDGE,
    "xmlsearchtool": KNOWLEDGE,
}

WITHOUT_SUBSTITUTE = {
    "bravesearchtool": "searches the web",
    "browserbaseloadtool": "opens web pages",
    "codedocssearchtool": "reads web pages",
    "codeinterpretertool": "runs code",
    "composiotool": "calls a service outside",
    "dalletool": "makes pictures",
    "exasearchtool": "searches the web",
    "firecrawlcrawlwebsitetool": "reads web pages",
    "firecrawlsearchtool": "searches the web",
    "githubsearchtool": "searches GitHub",
    "mysqlsearchtool": "reads a database",
    "nl2sqltool": "reads a database",
    "pgsearchtool": "reads a database",
    "seleniumscrapingtool": "drives a browser",
    "serperdevtool": "searches the web",
    "tavilysearchtool": "searches the web",
    "visiontool": "looks at pictures",
    "websitesearchtool": "searches web pages",
    "youtubechannelsearchtool": "searches videos",
    "youtubevideosearchtool": "searches videos",
}


@dataclass(frozen=True, slots=True)
class Match:
    """`name` is the tool to use here, empty when there is none; `reason` is a sentence when it is not the one asked for."""

    name: str
    reason: str = ""


def match(asked: str, known: Collection[str]) -> Match:
    """Find the tool for a name as CrewAI projects write it: `PDFSearchTool`, `PDFSearchTool()`, `pdf_search_tool`."""
    if asked in known:
        return Match(asked)
    key = asked.strip().removesuffix("()").replace("_", "").replace("-", "").replace(" ", "").lower()
    if (name := SUBSTITUTES.get(key)) in known and name:
        return Match(name, f"{asked} is replaced by {name}, which {DOES[name]}.")
    if does := WITHOUT_SUBSTITUTE.get(key):
        return Match("", f"{asked} {does}, and no tool here does that. Remove it. {_offer(known)}")
    return Match("", f"There is no tool “{asked}” here. Remove it or choose another. {_offer(known)}")


def _offer(known: Collection[str]) -> str:
    return f"Tools here: {', '.join(sorted(known))}." if known else "This workspace has no tools."

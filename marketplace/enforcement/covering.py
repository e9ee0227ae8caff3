"""Which digests and tools a block covers, and that what is published later is covered too."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from marketplace.enforcement.models import Block, BlockQuerySet
from marketplace.manifest.powers import tools_of
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion
from marketplace.moderation.actors import Actor
from tenants.provenance.models import Revocation
from tenants.provenance.revoking import Reason, revoke

TOOL = "tool:"
Scope = Block.Scope


def versions_under(block: Block) -> QuerySet[ListingVersion]:
    """The versions that it covers by name; a tool is found where it is used, as runs name their tools themselves."""
    match Scope(block.scope):
        case Scope.VERSION:
            covered = Q(pk=block.version_id)
        case Scope.LISTING:
            covered = Q(listing=block.listing_id)
        case Scope.PUBLISHER:
            covered = Q(listing__publisher=block.publisher_id)
        case Scope.DIGEST:
            covered = Q(digest=block.digest)
        case Scope.TOOL:
            covered = Q(pk__in=())
    return ListingVersion.objects.filter(covered)


def marks_of(block: Block) -> set[str]:
    """What runs are compared with."""
    if block.scope == Scope.TOOL:
        return {f"{TOOL}{block.tool}"}
    digests = set(versions_under(block).values_list("digest", flat=True))
    return digests | ({block.digest} if block.digest else set())


def blocks_on(version: ListingVersion) -> BlockQuerySet:
    """Blocks in force that cover this version in whatever way."""
    tools = tools_of(read_json(version.manifest).spec)
    return Block.objects.active().filter(
        Q(version=version.pk)
        | Q(listing=version.listing_id)
        | Q(publisher=version.listing.publisher_id)
        | Q(digest=version.digest)
        | Q(scope=Scope.TOOL, tool__in=tools)
    )


def revoke_under(block: Block, marks: Iterable[str]) -> None:
    """Revoke `marks` for the block, as hard as it is now. A warning revokes nothing."""
    if block.force != Block.Kind.WARN:
        revoke(
            marks=set(marks),
            kind=Revocation.Kind(block.force),
            block_id=block.pk,
            reason=Reason(block.reason_code, block.reason, page_of(block)),
            effective_at=block.effective_at,
        )


def cover(version: ListingVersion, by: Actor) -> None:
    """A version that is published under a block of its listing or publisher is covered from its first moment. Inside the move."""
    for block in Block.objects.active().filter(
        Q(listing=version.listing_id) | Q(publisher=version.listing.publisher_id)
    ):
        revoke_under(block, [version.digest])


def page_of(block: Block) -> str:
    """The page on the market that says more; empty where there is none."""
    listing = block.listing or (block.version.listing if block.version else None)
    if listing is None and block.digest:
        found = versions_under(block).select_related("listing__publisher").first()
        listing = found.listing if found else None
    if listing is not None:
        return f"/market/{listing.publisher.namespace}/{listing.slug}/"
    return f"/market/{block.publisher.namespace}/" if block.publisher else ""

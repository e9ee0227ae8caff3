"""The queue: open items, filtered, searched, in one of three orders, a page at a time.

Pages go by key, not by number: the hundredth costs what the first does, and an item that is decided meanwhile moves none
of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.console.columns import LONG, TARGETS
from marketplace.models import Listing, Publisher
from marketplace.moderation.models import Appeal, ReviewTask

ON_A_PAGE = 50
MOST_COUNTED = 1_000
MOST_FOUND = 500
SORTS = {"weight": "Heaviest first", "due": "Due first", "oldest": "Oldest first"}
ORDERS = {"weight": ("-weight", "due_at", "id"), "due": ("due_at", "id"), "oldest": ("id",)}
WHOSE = {"mine": "Mine", "free": "Held by nobody"}
DUE = {"overdue": "Overdue"}


@dataclass(frozen=True, slots=True)
class View:
    """What somebody wants to see of the queue, as it stands in the address."""

    kind: str = ""
    whose: str = ""
    due: str = ""
    reason: str = ""
    standing: str = ""
    q: str = ""
    sort: str = "weight"
    after: str = ""

    def address(self, **changes: str) -> str:
        """As a query string, with some of it changed; a page's key stays out unless it is given."""
        said = {field.name: getattr(self, field.name) for field in fields(self)} | {"after": ""} | changes
        return urlencode({name: value for name, value in said.items() if value and (name, value) != ("sort", "weight")})


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, how many there are (at most MOST_COUNTED + 1 are counted), and the key of the next page, if any."""

    tasks: tuple[ReviewTask, ...]
    count: int
    after: str

    @property
    def is_more(self) -> bool:
        return self.count > MOST_COUNTED


def page(view: View, user_id: UUID) -> Page:
    wanted = matching(view, user_id)
    count = wanted.order_by()[: MOST_COUNTED + 1].count()
    ids = list(_following(wanted, view).order_by(*ORDERS[view.sort]).values_list("pk", flat=True)[: ON_A_PAGE + 1])
    tasks = tuple(with_targets(ReviewTask.objects.filter(pk__in=ids[:ON_A_PAGE]).order_by(*ORDERS[view.sort])))
    return Page(tasks, count, _key(tasks[-1], view.sort) if len(ids) > ON_A_PAGE and tasks else "")


def with_targets(tasks: QuerySet[ReviewTask]) -> QuerySet[ReviewTask]:
    """With what the items are about, without its long columns."""
    return tasks.select_related(*TARGETS).defer(*LONG)


def next_task(user_id: UUID, *, but: UUID) -> ReviewTask | None:
    """What to do after the item `but`: what this moderator holds, then what nobody holds, heaviest first."""
    rest = for_moderator(user_id).exclude(pk=but).order_by(*ORDERS["weight"])
    return rest.filter(_held_by(user_id)).first() or rest.filter(_free()).first()


def for_moderator(user_id: UUID) -> QuerySet[ReviewTask]:
    """The open items, without appeals against what this moderator decided: those are for somebody else."""
    decided = Q(decision__decided_by_id=user_id) | Q(decision__confirmed_by_id=user_id)
    own = Appeal.objects.filter(decided, state=Appeal.State.OPEN).values("task")
    return _open().exclude(pk__in=own)


def _open() -> QuerySet[ReviewTask]:
    return ReviewTask.objects.filter(state=ReviewTask.State.OPEN)


def matching(view: View, user_id: UUID) -> QuerySet[ReviewTask]:
    """The open items of a view, for one moderator."""
    tasks = for_moderator(user_id)
    for condition in _conditions(view, user_id):
        tasks = tasks.filter(condition)
    return tasks


def _conditions(view: View, user_id: UUID) -> Iterator[Q]:
    if view.kind:
        yield Q(kind=view.kind)
    if view.whose:
        yield _held_by(user_id) if view.whose == "mine" else _free()
    if view.due:
        yield Q(due_at__lt=timezone.now())
    if view.reason:
        yield Q(reasons__contains=[view.reason])
    if view.standing:
        yield _of_standing(view.standing)
    if view.q:
        yield _found(view.q)


def _held_by(user_id: UUID) -> Q:
    return Q(claimed_by_id=user_id, lease_until__gt=timezone.now())


def _free() -> Q:
    return Q(claimed_by_id=None) | Q(lease_until__lte=timezone.now())


def _about(publishers: QuerySet[Publisher]) -> Q:
    """Items about these publishers or about something of theirs: three short ways by their indexes, not one join of all."""
    theirs = publishers.values("pk")
    ways = [
        _open().filter(version__listing__publisher__in=theirs),
        _open().filter(listing__publisher__in=theirs),
        _open().filter(publisher__in=theirs),
    ]
    first, *rest = (way.order_by().values("pk") for way in ways)
    return Q(pk__in=first.union(*rest, all=True))


def _of_standing(standing: str) -> Q:
    """Nearly all publishers are in good standing, so those are the ones that are not among the others."""
    if standing != Publisher.Standing.GOOD:
        return _about(Publisher.objects.filter(standing=standing))
    return ~_about(Publisher.objects.exclude(standing=standing)) & Q(user_id=None, tenant_id=None)


def _found(text: str) -> Q:
    """By id, by address, by a piece of a listing's title, or by the beginning of a publisher's name."""
    if exact := _as_id(text):
        return Q(pk=exact) | Q(version=exact) | Q(listing=exact) | Q(publisher=exact)
    namespace, slash, slug = text.strip().lower().partition("/")
    if slash:
        return _about_listings(Listing.objects.filter(publisher__namespace=namespace, slug__startswith=slug))
    names = Publisher.objects.filter(Q(namespace__startswith=namespace) | Q(display_name__istartswith=text.strip()))
    titled = _about_listings(Listing.objects.filter(Q(title__icontains=text.strip()) | Q(slug=namespace)))
    return titled | _about(names) if names.exists() else titled


def _about_listings(listings: QuerySet[Listing]) -> Q:
    """Items about some listings, at most MOST_FOUND of each kind; looked up once for the page and its count."""
    found = list(listings.order_by().values_list("pk", flat=True)[:MOST_FOUND])
    ways = (_open().filter(version__listing__in=found), _open().filter(listing__in=found))
    return Q(pk__in=[key for way in ways for key in way.order_by().values_list("pk", flat=True)[:MOST_FOUND]])


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _key(task: ReviewTask, sort: str) -> str:
    values = {"weight": str(task.weight), "due": task.due_at.isoformat() if task.due_at else "", "id": str(task.pk)}
    wanted = {"weight": ("weight", "due", "id"), "due": ("due", "id"), "oldest": ("id",)}[sort]
    return "~".join(values[name] for name in wanted)


def _following(tasks: QuerySet[ReviewTask], view: View) -> QuerySet[ReviewTask]:
    """Those after the key of the page before. A key that is none shows the first page."""
    try:
        return tasks.filter(_beyond(view.after.split("~"), view.sort)) if view.after else tasks
    except ValueError:
        return tasks


def _beyond(key: list[str], sort: str) -> Q:
    """Each condition names its first column alone as well, so that the index is entered at the key."""
    last = UUID(key[-1])
    if sort == "oldest":
        return Q(id__gt=last)
    due = datetime.fromisoformat(key[-2])
    later = Q(due_at__gt=due) | Q(due_at=due, id__gt=last)
    if sort == "due":
        return Q(due_at__gte=due) & later
    weight = int(key[-3])
    return Q(weight__lte=weight) & (Q(weight__lt=weight) | later)

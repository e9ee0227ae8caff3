"""The first page and the search."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from marketplace import access
from marketplace.browsing import counting, results, shelves
from marketplace.browsing.costs import with_costs
from marketplace.browsing.counting import LABELS, Facet
from marketplace.browsing.explaining import explained
from marketplace.browsing.forms import ORDERINGS, wish_of_page
from marketplace.browsing.models import Collection
from marketplace.browsing.wishes import Wish
from tenants.pages import PublicPage

ON_A_PAGE = 24
EXAMPLES = ("document analyst", "market brief", "segregation")


class Home(PublicPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        personas = dict(shelves.PERSONAS)
        persona = request.GET.get("for", "")
        persona = persona if persona in personas else next(iter(personas))
        return self.render(
            "marketplace/home.html",
            shelves=shelves.front_page(persona, access.workspaces_of(request.user)),
            personas=shelves.PERSONAS,
            persona=persona,
            curated=Collection.objects.filter(shown=True).exclude(persona="").exists(),
            collections=Collection.objects.filter(shown=True)[:6],
            examples=EXAMPLES,
        )


class Search(PublicPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        wish = wish_of_page(request.GET)
        found = results.search(wish)
        page = Paginator(found.ids, ON_A_PAGE).get_page(request.GET.get("page"))
        shown = list(page.object_list)
        why = explained(found.hits, shown, q=wish.q) if request.GET.get("why") else {}
        listings = with_costs(results.in_order(shown))
        for listing in listings:
            listing.why = why.get(listing.pk)  # type: ignore[attr-defined]
        return self.render(
            "marketplace/search.html",
            wish=wish,
            found=found,
            nearest=results.nearest(wish) if not found.total else "",
            page=page,
            listings=listings,
            facets=[(facet, links(wish, facet)) for facet in counting.facets(wish, found.ids)],
            chips=chips(wish),
            orderings=[(ordering.value, label) for ordering, label in ORDERINGS.items()],
            address=wish.query,
        )


def links(wish: Wish, facet: Facet) -> list[dict[str, object]]:
    """The values of a facet as links: a chosen one leads back to all."""
    chosen = getattr(wish, facet.name)
    return [
        {
            "label": choice.label,
            "count": choice.count,
            "chosen": choice.value == chosen,
            "query": wish.but(**{facet.name: "" if choice.value == chosen else choice.value}).query,
        }
        for choice in facet.choices
    ]


def chips(wish: Wish) -> list[tuple[str, str]]:
    """The filters in force, each with the query that takes it off; the one to take off first is the last."""
    said = {name: value for name, value in wish.said().items() if name not in {"q", "ordering", "all"}}
    return [(LABELS.get(name, {}).get(value, value), wish.but(**{name: ""}).query) for name, value in said.items()]

"""The home page and the about page."""

from datasette.utils.asgi import Request, Response

from harvester.site.answers import Site
from harvester.site.pages import load_about, load_home
from harvester.site.urls import Search, write

__all__ = ["about", "home"]


async def home(site: Site, request: Request) -> Response:
    def href(first: int, last: int) -> str:
        return site.path(write(Search(first=first, last=last)))

    return await site.page(
        request,
        "home.html",
        lambda connection: {"home": load_home(connection, href=href, data=site.data)},
    )


async def about(site: Site, request: Request) -> Response:
    return await site.page(
        request, "about.html", lambda connection: {"about": load_about(connection)}
    )

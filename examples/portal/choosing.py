"""J-07 to J-13: the home page, the group of services, the governorate, the branch, the service, a new appointment."""

from collections.abc import Sequence

from starlette.responses import Response

from examples.portal.page import Page
from examples.portal.routing import get
from traffic_booking import Audience, Coordinates, InvalidInput, PlaceKind, Service, ServiceGroup

GROUP = "traffic-services"
NEAREST = 5


@get("/home", "J-07")
def home(page: Page) -> Response:
    own = page.desk.appointments(page.me)
    held = [each for each in own.held if not moved(page, each.number)]
    return page.show("home.html", following=next(iter(own.upcoming), None), held=held)


def moved(page: Page, number: str) -> str | None:
    """The appointment that a hold is to move; None if it is for a new one."""
    return getattr(page.desk.audit.history(number, by=page.me)[0], "moving", None)


@get("/services", "J-08")
def services(page: Page) -> Response:
    """Individuals, then e-services: the groups below them, each with the number of its services."""
    groups = page.desk.catalogue.groups_of(Audience.INDIVIDUALS)
    counts = {group.id: len(page.desk.catalogue.services_for(group=group.id)) for group in groups}
    return page.show("services.html", groups=groups, counts=counts)


@get("/services/traffic", "J-09")
def traffic(page: Page) -> Response:
    return page.show("traffic.html", groups=_groups(page, page.desk.catalogue.services_for(group=GROUP)))


@get("/governorates", "J-10")
def governorates(page: Page) -> Response:
    """All of them by region, and those that `q` names; a region's name stands for its own city."""
    catalogue, sought, fault = page.desk.catalogue, page.query.get("q", "").strip()[:100], ""
    found = []
    try:
        for place in catalogue.find(sought, limit=12) if sought else ():
            inside = catalogue.governorates_in(place.region)
            is_region = place.kind is PlaceKind.REGION
            found += [each for each in inside if (each.headquarters if is_region else each.id == place.governorate)]
    except InvalidInput as error:
        fault = error.message(page.language)
    regions = [(region, catalogue.governorates_in(region.code)) for region in catalogue.regions]
    return page.show("governorates.html", regions=regions, sought=sought, found=list(dict.fromkeys(found)), fault=fault)


@get("/branches", "J-11")
def branches(page: Page) -> Response:
    """The branches nearest to the device, or to the chosen governorate, each with its first free time."""
    catalogue, point = page.desk.catalogue, _device(page)
    governorate = None if point else page.found("governorate")
    nearby = list(catalogue.nearest(point or page.found("governorate").seat, limit=NEAREST))
    wanted = [service.id for service in catalogue.services_for(group=GROUP, holder=page.me.holder)]
    free = page.desk.find_slots(service=wanted, branch=[each.branch.id for each in nearby], each_branch=True)
    first = {slot.branch: slot for slot in free}
    if page.query.get("order") == "earliest":
        order = list(first)
        nearby.sort(key=lambda each: order.index(each.branch.id) if each.branch.id in first else NEAREST)
    return page.show("branches.html", governorate=governorate, nearby=nearby, first=first)


def _device(page: Page) -> Coordinates | None:
    """The place that the device has sent, to about a kilometre."""
    try:
        return Coordinates(round(float(page.query["lat"]), 2), round(float(page.query["lon"]), 2))
    except (KeyError, ValueError):
        return None


@get("/choose-service", "J-12")
def choose_service(page: Page) -> Response:
    branch, catalogue = page.found("branch"), page.desk.catalogue
    offered = catalogue.services_for(group=GROUP, branch=branch.id)
    return page.show("choose_service.html", branch=branch, groups=_groups(page, offered))


def _groups(page: Page, offered: Sequence[Service]) -> list[tuple[ServiceGroup, list[Service]]]:
    ids = dict.fromkeys(service.group for service in offered)
    return [(page.desk.catalogue.group(id_), [each for each in offered if each.group == id_]) for id_ in ids]


@get("/new", "J-13")
def new_appointment(page: Page) -> Response:
    """The conditions of the service, its first free time, and the button «حجز موعد جديد»."""
    branch, service = page.found("branch"), page.found("service")
    found = page.desk.find_slots(service=service.id, branch=branch.id, applicant=page.me, limit=1)
    values = {"first": next(iter(found), None), "refused": found.refused}
    return page.show("new.html", branch=branch, service=service, **values)

"""A browser without scripts: it follows links, and sends the forms of a page with what the page put into them."""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from attrs import Factory, define
from starlette.testclient import TestClient

VOID = frozenset(["meta", "link", "img", "input", "br", "hr"])
CODE, PASSWORD = "482739", "four words and a number 7"


@define
class Form:
    """A form of a page: what it sends unless the person changes it, and its submit buttons by their id."""

    action: str
    method: str
    fields: dict[str, str] = Factory(dict)
    buttons: dict[str, dict[str, str]] = Factory(dict)


class PageReader(HTMLParser):
    """The parts of a page that a person meets, and the faults that a reader of markup can see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.ids, self.labelled, self.inputs = Counter[str](), set[str](), dict[str, dict[str, str]]()
        self.steps: list[str] = []
        self.faults: list[str] = []
        self.root: dict[str, str] = {}
        self.headings = Counter[str]()
        self._open: list[str] = []
        self._select: str | None = None
        self._texts: dict[str, list[str]] = {"h1": [], "title": []}
        self.feed(text)
        self.close()
        self.faults += [f"id {name} twice" for name, count in self.ids.items() if count > 1]
        self.faults += [f"not closed: {self._open}"] if self._open else []
        for name, given in self.inputs.items():
            if name not in self.labelled and "aria-label" not in given:
                self.faults.append(f"no label: {name}")

    @property
    def heading(self) -> str:
        return "".join(self._texts["h1"]).strip()

    @property
    def title(self) -> str:
        return "".join(self._texts["title"]).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag == "html":
            self.root = given
        if "id" in given:
            self.ids[given["id"]] += 1
        self.steps += given.get("data-step", "").split()
        self.faults += [f"inline {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "script" and "src" not in given:
            self.faults.append("inline script")
        self.headings[tag] += tag in {"h1", "h2", "h3"}
        for kind, name in (("img", "alt"), ("iframe", "title"), ("audio", "aria-label"), ("nav", "aria-label")):
            if tag == kind and name not in given:
                self.faults.append(f"{kind} without {name}")
        if tag == "label":
            self.labelled.add(given.get("for", ""))
        if tag == "a":
            self.links[given.get("id") or given["href"]] = given["href"]
        self._form_part(tag, given)

    def _form_part(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        if not self.forms or "form" not in self._open:
            return
        form, name = self.forms[-1], given.get("name", "")
        kind = given.get("type", "text")
        if tag == "input" and name and (kind not in {"radio", "checkbox"} or "checked" in given):
            form.fields[name] = given.get("value", "")
        if tag == "input" and kind != "hidden" and "label" not in self._open:
            self.inputs[given.get("id", name)] = given
        if tag == "select":
            self._select = name
            self.inputs[given.get("id", name)] = given
        if tag == "option" and self._select and ("selected" in given or self._select not in form.fields):
            form.fields[self._select] = given["value"]
        if tag == "button" and given.get("type", "submit") == "submit":
            form.buttons[given.get("id", given.get("data-do", ""))] = given

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> in {self._open[-1:]}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        for tag, texts in self._texts.items():
            if tag in self._open:
                texts.append(data)


class Visitor:
    """A person in front of one browser. `page` is what they see."""

    def __init__(self, app: Any, language: str = "ar") -> None:
        self.client = TestClient(app, raise_server_exceptions=False)
        self.language = language
        self.seen: Any = None
        self.page = PageReader("")

    def open(self, path: str, status: int = 200) -> PageReader:
        return self._see(
            self.client.get(path if path.startswith(("/ar/", "/en/")) else f"/{self.language}{path}"), status
        )

    def follow(self, link: str, status: int = 200) -> PageReader:
        """Follow the link with this id or this address."""
        return self.open(self.page.links[link], status)

    def form(self, button: str) -> Form:
        return next(form for form in self.page.forms if button in form.buttons)

    def press(self, button: str, status: int = 200, /, form: Form | None = None, **typed: str) -> PageReader:
        """Press the button with this id, after typing; with `form`, in a form that was open before."""
        form = form or self.form(button)
        pressed = form.buttons[button]
        fields = form.fields | typed | ({pressed["name"]: pressed["value"]} if pressed.get("name") else {})
        action = pressed.get("formaction") or form.action or self.seen.url.path
        if form.method == "get":
            return self._see(self.client.get(action, params=fields), status)
        return self._see(self.client.post(action, data=fields), status)

    def sign_in(self, name: str) -> PageReader:
        self.open("/sign-in")
        return self.press("submit", name=name, password=PASSWORD, code=CODE)

    def times(self) -> list[str]:
        """The times to choose on the page, by their tokens."""
        return _values(self.seen.text, "slot")

    def number(self) -> str:
        return str(self.seen.text).split('id="number">')[1].split("<")[0]

    def choose_time(self, place: int = 0, **query: str) -> PageReader:
        self.open("/month?" + "&".join(f"{name}={value}" for name, value in query.items()))
        return self.press("continue", slot=self.times()[place])

    def book(self, place: int = 0, **query: str) -> str:
        """Book a time, and return the number."""
        self.choose_time(place, **query)
        self.press("ok")
        return self.number()

    def _see(self, response: Any, status: int) -> PageReader:
        assert response.status_code == status, f"{response.url}: {response.status_code}\n{response.text[-600:]}"
        self.seen = response
        if response.headers["content-type"].startswith("text/html") and "/html" not in response.url.path:
            self.page = PageReader(response.text)
            assert not self.page.faults, f"{response.url}: {self.page.faults}"
        return self.page


def _values(text: str, name: str) -> list[str]:
    return list(_after(text, f'name="{name}" value="'))


def _after(text: str, mark: str) -> Iterator[str]:
    for part in text.split(mark)[1:]:
        yield part.split('"')[0]

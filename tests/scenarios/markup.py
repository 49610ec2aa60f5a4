"""A page as a browser without scripts understands it: elements, what is to be read, and what a form would send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_VOID: Final = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_UNREAD: Final = frozenset({"head", "script", "style", "template", "title", "option", "textarea"})
_CONTROLS: Final = frozenset({"input", "textarea", "select"})


@dataclass(eq=False)
class Element:
    """One tag with what it holds."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def walk(self) -> Iterator[Element]:
        """Itself and everything below, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag: str = "", css: str = "", **attributes: str) -> list[Element]:
        """Every element below of this kind."""
        return [
            e
            for e in self.walk()
            if (not tag or e.tag == tag)
            and (not css or css in e.classes)
            and all(e[name] == value for name, value in attributes.items())
        ]

    def one(self, tag: str = "", css: str = "", **attributes: str) -> Element | None:
        """The first."""
        return next(iter(self.all(tag, css, **attributes)), None)

    @property
    def raw(self) -> str:
        """Its text to the letter."""
        return "".join(c if isinstance(c, str) else c.raw for c in self.children)

    @property
    def words(self) -> str:
        """What is to be read, on one line."""
        return " ".join("".join(self._read()).split())

    def _read(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in _UNREAD and "hidden" not in child.attributes:
                yield "" if child.tag in {"wbr", "b", "span"} else " "
                yield from child._read()
                yield "" if child.tag == "wbr" else " "

    @property
    def value(self) -> str:
        """What a control would send."""
        if self.tag == "textarea":
            return self.raw.removeprefix("\n")
        if self.tag == "select":
            options = self.all("option")
            chosen = next((o for o in options if "selected" in o.attributes), options[0] if options else None)
            return chosen["value"] if chosen else ""
        return self["value"]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element(tag="root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag=tag, attributes={name: value or "" for name, value in attrs})
        self._open[-1].children.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if any(e.tag == tag for e in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read(html: str) -> Element:
    """The page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def sent(page: Element, form: Element) -> dict[str, str]:
    """What a form would send as it stands, buttons and files left out."""
    inside = [e for e in form.walk() if e.tag in _CONTROLS]
    beside = [e for e in page.walk() if e.tag in _CONTROLS and form["id"] and e["form"] == form["id"]]
    kept = [e for e in (*inside, *beside) if e["name"] and e["type"] not in {"file", "submit"}]
    return {e["name"]: e.value for e in kept}


def form_of(page: Element, button: Element) -> Element:
    """The form a button sends: the one it names, else the one around it."""
    forms = page.all("form")
    if button["form"]:
        return next(f for f in forms if f["id"] == button["form"])
    return next(f for f in forms if any(e is button for e in f.walk()))

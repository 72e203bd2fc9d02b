"""Elements of a page: text is escaped, whoever wrote it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement


def add(parent: Element, tag: str, text: str = "", /, **attributes: object) -> Element:
    """Put an element into another one. `class_` and `stroke_width` become `class` and `stroke-width`."""
    element = SubElement(parent, tag)
    if text:
        element.text = text
    for name, value in attributes.items():
        written = f"{value:.1f}" if isinstance(value, float) else str(value)
        element.set(name.rstrip("_").replace("_", "-"), written)
    return element


def table(parent: Element, heads: tuple[str, ...], rows: list[tuple[str, ...]], *, class_: str = "") -> None:
    """A table of texts."""
    made = add(parent, "table", class_=class_) if class_ else add(parent, "table")
    head = add(add(made, "thead"), "tr")
    for words in heads:
        add(head, "th", words)
    body = add(made, "tbody")
    for row in rows:
        line = add(body, "tr")
        for words in row:
            add(line, "td", words)

"""Word documents (DOCX). The home of mammoth, which converts them to HTML.

Hidden and white text is removed first. Comments, deleted text and everything outside the body are not read.
"""

import io
import re
import zipfile
from xml.etree import ElementTree as Tree

import mammoth

from genai.rag.formats.blocks import Content
from genai.rag.formats.html import read_html
from genai.rag.formats.refusals import Unreadable

MAX_UNPACKED = 24 * 1024 * 1024
"""Maximum size of the XML that is read. Pictures and other parts are never unpacked."""
MAX_MARKS = 500_000
"""Maximum tags in one XML part. Time depends on tags, not letters: this many take ten seconds."""
MAX_PARTS = 2_000

_OLE = b"\xd0\xcf\x11\xe0"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXTS = re.compile(r"word/(document|footnotes|endnotes)\d*\.xml")
_STYLES = "word/styles.xml"
_ENTITIES = tuple(
    mark.encode(code)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for code in ("utf-8", "utf-16-le", "utf-16-be")
)
_TINY = 2
"""In half points."""

_STYLE_MAP = """
p[style-name='Title'] => h1:fresh
p[style-name='Quote'] => p:fresh
"""


def read_docx(data: bytes) -> Content:
    if data.startswith(_OLE):  # an encrypted document, or one of Word before 2007
        raise Unreadable("encrypted")
    try:
        shown = io.BytesIO(_without_hidden(data))
        html = mammoth.convert_to_html(
            shown,
            style_map=_STYLE_MAP,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(lambda image: {}),
        ).value
    except (zipfile.BadZipFile, Tree.ParseError, KeyError, OSError, ValueError) as error:
        raise Unreadable("broken") from error
    content = read_html(html)
    return Content(content.blocks)


def _without_hidden(data: bytes) -> bytes:
    """Removes text that Word would not show."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w") as copy:
        parts = _checked(package)
        styles = _hiding_styles(package.read(_STYLES)) if _STYLES in parts else frozenset()
        for name in parts:
            if _is_read(name):
                copy.writestr(name, _part(name, package.read(name), styles))
    return out.getvalue()


def _checked(package: zipfile.ZipFile) -> list[str]:
    infos = package.infolist()
    unpacked = sum(info.file_size for info in infos if _is_read(info.filename))
    if len(infos) > MAX_PARTS or unpacked > MAX_UNPACKED:
        raise Unreadable("too_large")
    if any(info.flag_bits & 1 for info in infos):
        raise Unreadable("encrypted")
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise Unreadable("broken")
    return names


def _is_read(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _part(name: str, xml: bytes, styles: frozenset[str]) -> bytes:
    if any(mark in xml for mark in _ENTITIES):  # the format has none; bombs are made of them
        raise Unreadable("broken")
    if xml.count(b"<") > MAX_MARKS:
        raise Unreadable("too_large")
    if not _TEXTS.fullmatch(name):
        return xml
    root = Tree.fromstring(xml)  # noqa: S314  (it has no entities)
    _prune(root, styles, painted=False)
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _prune(parent: Tree.Element, styles: frozenset[str], *, painted: bool) -> None:
    """Removes hidden content below an element. White text is visible if its cell or paragraph has a
    background.
    """
    painted = painted or any(
        parent.find(f"{_WORD}{properties}/{_WORD}shd") is not None for properties in ("tcPr", "pPr")
    )
    for child in list(parent):
        if _is_hidden(child, styles, painted):
            parent.remove(child)
        else:
            _prune(child, styles, painted=painted)


def _is_hidden(element: Tree.Element, styles: frozenset[str], painted: bool) -> bool:
    if element.tag == f"{_WORD}p":
        return _style(element, "pPr", "pStyle") in styles
    properties = element.find(f"{_WORD}rPr")
    if element.tag != f"{_WORD}r" or properties is None:
        return False
    white = _is_white(properties) and not painted
    return white or _hides(properties) or _style(element, "rPr", "rStyle") in styles


def _hides(properties: Tree.Element) -> bool:
    if any(_is_on(properties.find(f"{_WORD}{name}")) for name in ("vanish", "webHidden")):
        return True
    size = properties.find(f"{_WORD}sz")
    return size is not None and _value(size).isdigit() and int(_value(size)) <= _TINY


def _is_white(properties: Tree.Element) -> bool:
    color = properties.find(f"{_WORD}color")
    if color is None or _value(color).upper() != "FFFFFF":
        return False
    return all(properties.find(f"{_WORD}{name}") is None for name in ("shd", "highlight"))


def _is_on(switch: Tree.Element | None) -> bool:
    return switch is not None and _value(switch) not in ("0", "false", "off")


def _value(element: Tree.Element) -> str:
    return element.get(f"{_WORD}val", "")


def _style(element: Tree.Element, properties: str, name: str) -> str | None:
    style = element.find(f"{_WORD}{properties}/{_WORD}{name}")
    return None if style is None else _value(style)


def _hiding_styles(xml: bytes) -> frozenset[str]:
    """The ids of hiding styles, and of those based on them."""
    root = Tree.fromstring(xml) if not any(m in xml for m in _ENTITIES) else Tree.Element("none")  # noqa: S314
    hiding: set[str] = set()
    based: dict[str, str] = {}
    for style in root.iter(f"{_WORD}style"):
        name = style.get(f"{_WORD}styleId", "")
        properties, base = style.find(f"{_WORD}rPr"), style.find(f"{_WORD}basedOn")
        if properties is not None and _hides(properties):
            hiding.add(name)
        if base is not None:
            based[name] = _value(base)
    while new := {name for name, base in based.items() if base in hiding} - hiding:
        hiding |= new
    return frozenset(hiding)

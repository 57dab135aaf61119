"""Recognises CSS that hides text, in attributes and style sheets.

It is not a browser: text that is hidden by position, by scripts or by external style sheets is recognised
in common forms only.
"""

import re
from collections.abc import Callable, Iterator

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NUMBER = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|vw|vh|cm|mm|in)?")
_WHITES = frozenset(["white", "#fff", "#ffffff", "rgb(255,255,255)", "hsl(0,0%,100%)"])
_FAR_AWAY = -999.0


def hides(declarations: str) -> bool:
    """Whether an element with these declarations is invisible."""
    style = _style(declarations)
    return bool(style) and (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("content-visibility") == "hidden"
        or style.get("color") in ("transparent", "rgba(0,0,0,0)")
        or _is_zero(style, "opacity", below=0.05)
        or _is_zero(style, "font-size", below=2.0)
        or _is_clipped(style)
        or _is_far_away(style)
        or _is_camouflaged(style)
    )


def is_white(declarations: str) -> bool:
    """Whether the text is white, so invisible without a background."""
    return _style(declarations).get("color") in _WHITES


def paints(declarations: str) -> bool:
    """Whether the background is not white."""
    style = _style(declarations)
    ground = [style.get(name) for name in ("background", "background-color", "background-image")]
    return any(value and value not in _WHITES and value != "none" for value in ground)


def selectors(sheet: str, test: Callable[[str], bool]) -> Iterator[str]:
    """The selectors of a style sheet whose rules pass the test."""
    for selector, declarations in _RULE.findall(_for_screens(_COMMENT.sub(" ", sheet))):
        if test(declarations) and not selector.strip().startswith("@"):
            yield selector.strip()


def _style(declarations: str) -> dict[str, str]:
    return dict(_declarations(declarations)) if ":" in declarations else {}


def _declarations(text: str) -> Iterator[tuple[str, str]]:
    for declaration in _COMMENT.sub(" ", text).split(";"):
        name, mark, value = declaration.partition(":")
        if mark:
            plain = value.lower().replace("!important", "").strip()
            yield name.strip().lower(), re.sub(r"\s*([,()])\s*", r"\1", plain)


def _number(style: dict[str, str], name: str) -> float | None:
    match = _NUMBER.match(style.get(name, ""))
    return float(match[1]) if match else None


def _is_zero(style: dict[str, str], name: str, *, below: float) -> bool:
    match = _NUMBER.match(style.get(name, ""))
    if match is None:
        return False
    number = float(match[1])
    return number == 0 or (number < below and match[2] in (None, "px", "pt"))


def _is_clipped(style: dict[str, str]) -> bool:
    if style.get("clip") in ("rect(0,0,0,0)", "rect(0px,0px,0px,0px)"):
        return True
    tiny = any(_is_zero(style, name, below=2.0) for name in ("width", "height", "max-height"))
    return tiny and style.get("overflow") in ("hidden", "clip")


def _is_far_away(style: dict[str, str]) -> bool:
    moved = ["text-indent"]
    if style.get("position") in ("absolute", "fixed"):
        moved += ["left", "top", "right", "bottom"]
    return any((_number(style, name) or 0.0) <= _FAR_AWAY for name in moved)


def _is_camouflaged(style: dict[str, str]) -> bool:
    color = style.get("color")
    return bool(color) and color in (style.get("background"), style.get("background-color"))


def _for_screens(sheet: str) -> str:
    """Without the rules for print and for certain screen sizes."""
    kept: list[str] = []
    position = 0
    for match in re.finditer(r"@media([^{]*)\{", sheet):
        if match.start() < position:
            continue
        end = _closing(sheet, match.end())
        kept.append(sheet[position : match.start()])
        if match[1].strip().lower() in ("all", "screen"):
            kept.append(sheet[match.end() : end - 1])
        position = end
    return "".join([*kept, sheet[position:]])


def _closing(sheet: str, start: int) -> int:
    """The position after the brace that closes the one before ``start``."""
    depth = 1
    for match in re.finditer(r"[{}]", sheet[start:]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return start + match.end()
    return len(sheet)

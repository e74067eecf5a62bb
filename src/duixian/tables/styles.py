"""Cell formats that show a figure as another one: 0.5 as 50%, 3000 as 3000万元, 3000000 as 3,000. What a person sees is what is imported, or nothing is."""

from __future__ import annotations

import re
from html import unescape

from .archive import PREFIX, attributes_of

_PERCENT_IDS = ("9", "10")  # the built-in formats 0% and 0.00%
_SAID = re.compile(r'"([^"]*)"|[\\!](.)|\[\$([^\]-]*)[^\]]*\]')  # text a format adds: "万元", \万, !万, [$€-407]
_FILL = re.compile(r"[_*].")  # a space as wide as a character, a character repeated
_BRACKETS = re.compile(r"\[[^\]]*\]")  # colours, conditions, locales
_SCALING = re.compile(r"[0#?],+(?![0#?,])")  # a comma behind the last digit divides by a thousand
_OTHER_FIGURE = re.compile(r"[万萬亿億千百十‰]")  # words that make it another figure


def styles_of(parts: dict[str, bytes]) -> dict[str, str]:
    """Number of a cell style → how it shows a figure: '%', or the format itself where that makes another figure of it; plain styles left out."""
    xml = next((data for name, data in parts.items() if name.lower().endswith("styles.xml")), b"")
    formats = dict.fromkeys(_PERCENT_IDS, "%")
    for tag in re.findall(rb"<" + PREFIX + rb"numFmt\b([^>]*)>", xml):
        attributes = attributes_of(tag)
        if shown := _shown_as(unescape(attributes.get("formatCode", ""))):
            formats[attributes.get("numFmtId", "")] = shown
    block = re.search(rb"<" + PREFIX + rb"cellXfs\b.*?</" + PREFIX + rb"cellXfs>", xml, re.DOTALL)
    styles = re.findall(rb"<" + PREFIX + rb"xf\b([^>]*)>", block.group()) if block else []
    known = {str(place): formats.get(attributes_of(tag).get("numFmtId", ""), "") for place, tag in enumerate(styles)}
    return {style: shown for style, shown in known.items() if shown}


def _shown_as(code: str) -> str:
    """What a format makes of a figure; '' where it shows the figure itself."""
    said = "".join("".join(found) for found in _SAID.findall(code))
    bare = _BRACKETS.sub("", _FILL.sub("", _SAID.sub("", code)))
    if "%" in bare:
        return "%"
    scaled = any(_SCALING.search(part) for part in bare.split(";"))
    return code if scaled or _OTHER_FIGURE.search(said + bare) else ""

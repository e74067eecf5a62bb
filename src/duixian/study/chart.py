"""Charts as inline SVG, drawn from exact numbers: no script, no library, no float. Every chart stands beside the table it is drawn from.

Blue is what is paid or gained; hatched orange what is taken away or lost, so that they differ on a grey printout and to the colour-blind.
Amounts come in 分; axes are labelled in 万元 (元 where everything is small).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

from ..values.messages import Language
from ..values.money import Exact, decimal_text

WIDTH = 760
PAID, LIGHT, TAKEN, DARK = "#1d4f91", "#9dbce0", "url(#hatch)", "#1b2430"
HATCH = (
    '<svg class="defs" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#f6d9a8"/><rect width="3" height="6" fill="#c77700"/></pattern></defs></svg>'
)


@dataclass(frozen=True, slots=True)
class Scale:
    """A money axis: from the lowest to the highest tick, in 分, with the unit its labels are in."""

    ticks: tuple[int, ...]
    divisor: int
    unit: str

    def place(self, value: Exact, start: int, length: int) -> Fraction:
        """Where a value lies on an axis that begins at `start` and is `length` long."""
        low, high = self.ticks[0], self.ticks[-1]
        return start + Fraction(value - low) * length / (high - low)

    def text(self, value: Exact, places: int | None = None) -> str:
        """A value in the unit of the axis, thousands grouped."""
        return grouped(Fraction(value) / self.divisor, places)


def scale(values: Sequence[Exact], language: Language = "zh") -> Scale:
    """An axis that holds all values and zero, with three to seven round ticks."""
    low, high = min(0, *map(floor, values), 0), max(0, *map(ceiling, values), 1)
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            first, last = low // step, -(-high // step)
            if last - first <= 6:
                ticks = tuple(place * step for place in range(first, last + 1))
                divisor, unit = (100, "元") if ticks[-1] - ticks[0] < 1_000_000 else (1_000_000, "万元")
                return Scale(ticks, divisor, unit if language == "zh" else {"元": "yuan", "万元": "10,000 yuan"}[unit])
        power *= 10


def floor(value: Exact) -> int:
    """The whole number not above a value."""
    return Fraction(value).__floor__()


def ceiling(value: Exact) -> int:
    """The whole number not below a value."""
    return Fraction(value).__ceil__()


def grouped(value: Exact, places: int | None = None) -> str:
    """A number with thousands grouped, to as many places as it needs (four at most), or as told."""
    number = Fraction(value)
    text = decimal_text(number, 4 if places is None else places)
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, mark, rest = digits.partition(".")
    return sign + f"{int(whole):,}" + mark + rest


class Drawing:
    """One chart under construction: shapes in the order they are drawn."""

    def __init__(self, height: int, title: str) -> None:
        self.height, self.title, self.parts = height, title, [f"<title>{escape(title)}</title>"]

    def rect(self, x: Exact, y: Exact, width: Exact, height: Exact, fill: str, hint: str = "") -> None:
        """A bar; one that would be too thin to see is a pixel thick."""
        least = Fraction(1) if width > 0 and height > 0 else Fraction(0)
        inner = f"<title>{escape(hint)}</title>" if hint else ""
        self.parts.append(
            f'<rect x="{px(x)}" y="{px(y)}" width="{px(max(width, least))}" height="{px(max(height, least))}" fill="{fill}">{inner}</rect>'
        )

    def line(self, x1: Exact, y1: Exact, x2: Exact, y2: Exact, name: str = "grid") -> None:
        """A straight line of a named kind."""
        self.parts.append(f'<line x1="{px(x1)}" y1="{px(y1)}" x2="{px(x2)}" y2="{px(y2)}" class="{name}"/>')

    def path(self, points: Sequence[tuple[Exact, Exact]], name: str) -> None:
        """A line through points."""
        self.parts.append(f'<polyline points="{" ".join(f"{px(x)},{px(y)}" for x, y in points)}" class="{name}"/>')

    def dot(self, x: Exact, y: Exact, hint: str = "") -> None:
        """A point of a line."""
        inner = f"<title>{escape(hint)}</title>" if hint else ""
        self.parts.append(f'<circle cx="{px(x)}" cy="{px(y)}" r="3.5" class="dot">{inner}</circle>')

    def text(self, x: Exact, y: Exact, text: str, anchor: str = "start", name: str = "") -> None:
        """A label."""
        kind = f' class="{name}"' if name else ""
        self.parts.append(f'<text x="{px(x)}" y="{px(y)}" text-anchor="{anchor}"{kind}>{escape(text)}</text>')

    def svg(self) -> str:
        """The finished chart."""
        return f'<svg class="chart" viewBox="0 0 {WIDTH} {self.height}" role="img">' + "".join(self.parts) + "</svg>"


def px(value: Exact) -> str:
    """A coordinate to a tenth of a pixel."""
    return decimal_text(value, 1).removesuffix(".0")


def measure(text: str) -> Fraction:
    """Roughly how wide a label is, in ems."""
    return sum((Fraction(1) if unicodedata.east_asian_width(char) in "WF" else Fraction(11, 20) for char in text), Fraction(0))


def shortened(text: str, ems: int) -> str:
    """A label that fits, cut with … where it must be."""
    if measure(text) <= ems:
        return text
    while text and measure(text) > ems - 1:
        text = text[:-1]
    return text + "…"


def columns(title: str, bars: Sequence[tuple[str, Exact, Exact, str]], axis: Scale, unit: str, *, counts: bool = False) -> str:
    """Upright bars from one value to another: (label, from, to, fill). A waterfall, a distribution. counts: values are numbers of payees."""
    left, right, top, bottom = 66, 12, 34, 62
    height = 300
    drawing = Drawing(height, title)
    length = height - top - bottom
    _grid(drawing, axis, left, right, top, length, unit)
    room = Fraction(WIDTH - left - right, max(1, len(bars)))
    for place, (_, _, end, _) in enumerate(bars[:-1] if not counts else ()):  # where one bar ends the next begins
        level = top + length - axis.place(end, 0, length)
        drawing.line(left + room * place + room / 6, level, left + room * (place + 1) + room * 5 / 6, level, "joint")
    for place, (label, start, end, fill) in enumerate(bars):
        x = left + room * place + room / 6
        low, high = sorted((start, end))
        y = top + length - axis.place(high, 0, length)
        tall = axis.place(high, 0, length) - axis.place(low, 0, length)
        drawing.rect(x, y, room * 2 / 3, tall, fill, label)
        value = end - start
        said = grouped(value) if counts else axis.text(value, 2 if value else 0)
        drawing.text(x + room / 3, y - 6, said, "middle", "value")
        words = wrapped(label, room / 13)
        for row, word in enumerate(words[:3]):
            drawing.text(x + room / 3, height - bottom + 18 + 15 * row, word, "middle")
    return drawing.svg()


def wrapped(text: str, ems: Exact) -> list[str]:
    """A label broken into lines of at most `ems`, at spaces and 、 where it can be."""
    lines, line = [], ""
    for word in text.replace("、", "、\0").replace("，", "，\0").replace("（", "\0（").replace(" ", " \0").split("\0"):
        while measure(word) > max(ems, 2):
            if line:
                lines, line = [*lines, line], ""
            cut = next(place for place in range(1, len(word) + 1) if place == len(word) or measure(word[: place + 1]) > max(ems, 2))
            lines, word = [*lines, word[:cut]], word[cut:]
        if line and measure(line + word.rstrip()) > ems:
            lines, line = [*lines, line], ""
        line += word
    return [found.strip() for found in [*lines, line] if found.strip()]


def _grid(drawing: Drawing, axis: Scale, left: int, right: int, top: int, length: int, unit: str) -> None:
    for tick in axis.ticks:
        y = top + length - axis.place(tick, 0, length)
        drawing.line(left, y, WIDTH - right, y, "base" if tick == 0 else "grid")
        drawing.text(left - 8, y + 4, axis.text(tick) if unit else grouped(tick), "end", "tick")
    room = measure(unit) * 11 <= left - 8  # a unit in words is longer than the numbers under it
    drawing.text(left - 8 if room else 0, top - 18, unit, "end" if room else "start", "tick")


def bars(title: str, rows: Sequence[tuple[str, Sequence[tuple[Exact, str]], str]], axis: Scale, *, label_ems: int = 15, unit: str = "") -> str:
    """Lying bars, one a row, each of stacked parts: (label, ((value, fill), …), what is said at the end). label_ems: the least room for labels."""
    label_ems = min(max([label_ems, *(ceiling(measure(label)) for label, _, _ in rows)]), 24)
    left, right, top, step = 13 * label_ems + 8, 118, 26, 27
    height = top + step * len(rows) + 12
    length = WIDTH - left - right
    drawing = Drawing(height, title)
    for tick in axis.ticks:
        x = axis.place(tick, left, length)
        drawing.line(x, top - 4, x, height - 10, "base" if tick == 0 else "grid")
        drawing.text(x, top - 10, axis.text(tick), "middle", "tick")
    drawing.text(WIDTH - 4, top - 10, unit or axis.unit, "end", "tick")
    for place, (label, parts, said) in enumerate(rows):
        y = top + step * place
        drawing.text(left - 8, y + 17, shortened(label, label_ems), "end")
        here: Exact = 0
        for value, fill in parts:
            low, high = sorted((axis.place(here, left, length), axis.place(here + value, left, length)))
            drawing.rect(low, y + 5, high - low, 16, fill, f"{label} {said}")
            here += value
        edge = axis.place(here, left, length)
        if here < 0 and edge - 6 - measure(said) * 14 < left:  # no room before the bar: behind its foot, clear of the row's label
            edge, here = axis.place(0, left, length), 0
        drawing.text(edge + (6 if here >= 0 else -6), y + 17, said, "start" if here >= 0 else "end", "value")
    return drawing.svg()


def curves(title: str, places: Sequence[tuple[Exact, str]], series: Sequence[tuple[str, Sequence[Exact], str]], axis: Scale,
           levels: Sequence[tuple[str, Exact]] = (), mark: tuple[Exact, str] | None = None) -> str:  # fmt: skip
    """Lines over a parameter: places are (where, label) along it, series are (name, values, kind of line), levels are horizontal marks.

    mark: a place along the parameter that is the answer, with its label.
    """
    left, right, top, bottom = 66, 150, 34, 44
    height = 320
    drawing = Drawing(height, title)
    length, wide = height - top - bottom, WIDTH - left - right
    _grid(drawing, axis, left, right, top, length, axis.unit)
    low, high = min(place for place, _ in places), max(place for place, _ in places)
    xs = [left + 14 + (Fraction(place - low) * (wide - 28) / (high - low) if high > low else Fraction(wide - 28, 2)) for place, _ in places]
    apart = Fraction(wide - 28, max(1, len(places) - 1))  # dots that would touch are not drawn: the line is enough
    last = Fraction(-100)
    at = Fraction(-100)
    if mark is not None:
        at = left + 14 + Fraction(mark[0] - low) * (wide - 28) / max(1, high - low)
        drawing.line(at, top, at, top + length, "answer-mark")
        drawing.text(at, top - 6, mark[1], "middle", "value")
    for x, (_, label) in zip(xs, places, strict=True):
        if x - last >= measure(label) * 12 + 4 and not (mark is not None and label != mark[1] and 0 < abs(x - at) < measure(label) * 12 + 4):
            drawing.text(x, height - bottom + 20, label, "middle", "tick")
            last = x

    def y(value: Exact) -> Fraction:
        return top + length - axis.place(value, 0, length)

    ends: list[tuple[Fraction, str]] = []
    for name, value in levels:
        drawing.line(left, y(value), WIDTH - right, y(value), "level")
        ends.append((y(value), f"{name} {axis.text(value)}"))
    for name, values, kind in series:
        drawing.path([(x, y(value)) for x, value in zip(xs, values, strict=True)], kind)
        for x, value, (_, label) in zip(xs, values, places, strict=True) if apart >= 12 else ():
            drawing.dot(x, y(value), f"{name} {label} {axis.text(value, 2)} {axis.unit}")
        ends.append((y(values[-1]), name))
    floor_ = Fraction(0)
    for height_, name in sorted(ends, key=lambda end: end[0]):  # names at the right edge, kept apart
        floor_ = max(height_, floor_ + 15)
        drawing.text(WIDTH - right + 8, floor_ + 4, shortened(name, 11), "start", "series")
    return drawing.svg()


def cliff_map(title: str, rows: Sequence[tuple[str, Exact, int | None, int | None]], axis: Scale, heads: tuple[str, str, str]) -> str:
    """A row a boundary: (label, jump, how many just short, how many just there). The jump as a bar, the two counts on either side of an edge.

    heads: over the jump, over those short, over those there. A count of None is not known and not drawn.
    """
    left, middle, edge, top, step = 296, 486, 628, 40, 27
    height = top + step * len(rows) + 12
    drawing = Drawing(height, title)
    length, reach = middle - left - 44, 84
    most = max([1, *(count for _, _, short, met in rows for count in (short, met) if count)])
    drawing.text(left, 14, f"{heads[0]}（{axis.unit}）", "start", "tick")
    drawing.text(edge - 8, 14, heads[1], "end", "tick")
    drawing.text(edge + 8, 14, heads[2], "start", "tick")
    for tick in (axis.ticks[0], axis.ticks[-1]):
        x = axis.place(tick, left, length)
        drawing.line(x, top - 4, x, height - 10, "base" if tick == 0 else "grid")
        drawing.text(x, top - 10, axis.text(tick), "middle", "tick")
    for place, (label, jump, short, met) in enumerate(rows):
        y = top + step * place
        drawing.text(left - 8, y + 17, shortened(label, 24), "end")
        drawing.rect(left, y + 5, axis.place(jump, left, length) - left, 16, DARK, label)
        drawing.text(axis.place(jump, left, length) + 5, y + 17, axis.text(jump), "start", "value")
        if short is None or met is None:
            drawing.text(edge, y + 17, "—", "middle", "tick")
            continue
        low, high = Fraction(short * reach, most), Fraction(met * reach, most)
        drawing.rect(edge - low, y + 5, low, 16, TAKEN)
        drawing.rect(edge, y + 5, high, 16, PAID)
        drawing.text(edge - low - 5, y + 17, f"{short:,}", "end", "tick")
        drawing.text(edge + high + 5, y + 17, f"{met:,}", "start", "tick")
    drawing.line(edge, top - 4, edge, height - 10, "base")
    return drawing.svg()

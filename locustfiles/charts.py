"""Charts as SVG text, without a library and without a network: a report must open anywhere, years later."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

Points = Sequence[tuple[float, float | None]]
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 24
MOST_DOTS = 30
LETTER = 5.6  # px; a name that does not fit is told by the pointer only
ASIDE, FAULT = "aside", "fault"


class Line(NamedTuple):
    name: str
    style: str
    points: Points


class Band(NamedTuple):
    """A span of time with a name: a phase, or a fault."""

    name: str
    style: str
    begin: float
    end: float


class Mark(NamedTuple):
    """A value with a name: a limit, or a percentile."""

    name: str
    style: str
    value: float


class Frame:
    """The area of a chart, and where a value lies in it."""

    def __init__(self, width: int, height: int, across: tuple[float, float], up: tuple[float, float], *, log=False):
        self.width, self.height, self.across, self.up, self.log = width, height, across, up, log

    def x(self, value: float) -> float:
        low, high = self.across
        share = math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low)
        return round(LEFT + share * (self.width - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        low, high = self.up
        return round(self.height - BOTTOM - (value - low) / (high - low) * (self.height - TOP - BOTTOM), 1)

    def drawn(self, parts: Sequence[str], label: str) -> str:
        size = f'viewBox="0 0 {self.width} {self.height}"'
        return f'<svg {size} role="img" aria-label="{escape(label, quote=True)}">{"".join(parts)}</svg>'

    def axis_y(self, unit: str = "") -> list[str]:
        parts = []
        for tick in ticks(*self.up):
            y = self.y(tick)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{self.width - RIGHT}" y1="{y}" y2="{y}"/>')
            parts.append(text(LEFT - 6, y + 4, f"{tick:g}{unit}", "end"))
        return parts

    def axis_x(self, values: Sequence[float], unit: str) -> list[str]:
        return [text(self.x(value), self.height - 7, f"{value:g}{unit}", "middle") for value in values]


def over_time(
    lines: Sequence[Line], *, bands: Sequence[Band] = (), marks: Sequence[Mark] = (), end: float, unit: str, size
) -> str:
    """Curves over the seconds of a run. A limit above everything measured is left out, and what is aside may go beyond
    the top: either would flatten the curves that count."""
    top = highest(lines, [band for band in bands if band.style == ASIDE])
    frame = Frame(*size, (0.0, max(end, 1.0)), (0.0, rounded_up(top * 1.1)))
    parts = [band_drawn(frame, band) for band in bands]
    parts += frame.axis_y() + frame.axis_x(ticks(0, max(end, 1.0), 8), " s")
    parts += level(frame, [mark for mark in marks if mark.value <= frame.up[1]])
    for line in lines:
        parts.append(f'<path class="curve {line.style}" d="{path(frame, line.points)}"/>')
        parts += dots(frame, line)
    return frame.drawn(parts, f"{', '.join(line.name for line in lines)} in {unit} over time")


def highest(lines: Sequence[Line], asides: Sequence[Band]) -> float:
    points = [(at, value) for line in lines for at, value in line.points if value is not None]
    counting = [value for at, value in points if not any(band.begin <= at <= band.end for band in asides)]
    return max(counting or [value for _, value in points], default=1.0)


def level(frame: Frame, marks: Sequence[Mark]) -> list[str]:
    """Lines of limits, each named above itself, or below where another name is or the chart ends."""
    parts, taken = [], float(TOP)
    for mark in sorted(marks, key=lambda mark: -mark.value):
        y = frame.y(mark.value)
        named = y - 4 if y - 4 - 10 > taken else max(y + 12, taken + 11)
        parts.append(f'<line class="{mark.style}" x1="{LEFT}" x2="{frame.width - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(text(frame.width - RIGHT - 4, named, mark.name, "end"))
        taken = named
    return parts


def band_drawn(frame: Frame, band: Band) -> str:
    left, right = frame.x(max(band.begin, 0)), frame.x(min(band.end, frame.across[1]))
    top, bottom = TOP, frame.height - BOTTOM
    box = (
        f'<rect class="{band.style}" x="{left}" y="{top}" width="{max(right - left, 1):.1f}" height="{bottom - top}"/>'
    )
    room = frame.width / 8 if band.style == FAULT and frame.width > 1000 else right - left  # a fault is short
    has_room = room > LETTER * len(band.name)
    name = text(left + 4, top + 11, band.name, "start") if has_room else ""
    return f"<g>{box}<title>{escape(band.name)}</title></g>{name}"


def path(frame: Frame, points: Points) -> str:
    """A gap where nothing was measured. What goes beyond the top is cut off there."""
    found, pen = [], "M"
    for at, value in points:
        if value is None:
            pen = "M"
            continue
        found.append(f"{pen}{frame.x(at)} {frame.y(min(value, frame.up[1]))}")
        pen = "L"
    return "".join(found)


def dots(frame: Frame, line: Line) -> list[str]:
    """Of few points: one alone makes no curve."""
    known = [(at, value) for at, value in line.points if value is not None and value <= frame.up[1]]
    if len(known) > MOST_DOTS:
        return []
    return [f'<circle class="{line.style}" cx="{frame.x(at)}" cy="{frame.y(value)}" r="2.2"/>' for at, value in known]


def distribution(times: Sequence[float], *, marks: Sequence[Mark], size) -> str:
    """How many requests took how long, in steps of a tenth of a decade."""
    low = 10 ** math.floor(math.log10(max(min(times), 0.1)))
    high = max(*times, *(mark.value for mark in marks), low * 10) * 1.05
    steps = math.ceil(math.log10(high / low) * 10)
    counts = [0] * steps
    for ms in times:
        counts[min(max(int(math.log10(max(ms, low) / low) * 10), 0), steps - 1)] += 1
    share = [100 * count / len(times) for count in counts]
    frame = Frame(*size, (low, low * 10 ** (steps / 10)), (0.0, rounded_up(max(share) * 1.1)), log=True)
    parts = frame.axis_y("%")
    for number, percent in enumerate(share):
        if percent:
            left, right = frame.x(low * 10 ** (number / 10)), frame.x(low * 10 ** ((number + 1) / 10))
            height = max(frame.y(0) - frame.y(percent), 1)
            where = f'x="{left}" y="{frame.y(0) - height:.1f}" width="{right - left - 0.8:.1f}" height="{height:.1f}"'
            parts.append(f'<rect class="bar" {where}/>')
    parts += frame.axis_x([tick for tick in decades(low, high) if tick <= frame.across[1]], "")
    parts += upright(frame, marks)
    return frame.drawn(parts, f"distribution of {len(times)} response times in ms")


def upright(frame: Frame, marks: Sequence[Mark]) -> list[str]:
    """Names at alternating heights, on the side that has room."""
    parts = []
    for number, mark in enumerate(sorted(marks, key=lambda mark: mark.value)):
        x, low = frame.x(mark.value), frame.height - BOTTOM
        parts.append(f'<line class="{mark.style}" x1="{x}" x2="{x}" y1="{TOP}" y2="{low}"/>')
        left = x > frame.width * 0.75
        parts.append(text(x - 3 if left else x + 3, TOP + 10 + 12 * number, mark.name, "end" if left else "start"))
    return parts


def text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    raw = (high - low) / most or 1.0
    unit = 10 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= raw * 0.999)
    return [round(low + step * number, 6) for number in range(int((high - low) / step + 0.001) + 1)]


def rounded_up(value: float) -> float:
    """To a number that has ticks: the next 1, 1.5, 2, 3, 4, 5, 6, 8 of its decade."""
    if value <= 0:
        return 1.0
    unit = 10 ** math.floor(math.log10(value))
    return next(unit * factor for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if unit * factor >= value * 0.999)


def decades(low: float, high: float) -> list[float]:
    found = [low * 10**power * factor for power in range(7) for factor in (1, 2, 5)]
    return [round(tick, 3) for tick in found if tick <= high]

"""Lines and bars as SVG coordinates, for the templates to draw."""

from typing import NamedTuple

WIDTH, HEIGHT, MARGIN = 90, 26, 3


class Sparkline(NamedTuple):
    """Pieces of a line, and single points between gaps."""

    lines: list[str]
    dots: list[tuple[float, float]]
    top: float
    """What the upper edge stands for."""

    @property
    def is_empty(self) -> bool:
        return not (self.lines or self.dots)


def sparkline(values: list[float | None], width: int = WIDTH, height: int = HEIGHT) -> Sparkline:
    top = max((value for value in values if value is not None), default=0.0)
    step = (width - 2 * MARGIN) / max(len(values) - 1, 1)
    scale = (height - 2 * MARGIN) / (top or 1)
    pieces: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((round(MARGIN + place * step, 1), round(height - MARGIN - value * scale, 1)))
    lines = [" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1]
    return Sparkline(lines, [piece[0] for piece in pieces if len(piece) == 1], top)


def shares(*parts: float) -> list[float]:
    """In percent of their sum."""
    whole = sum(parts)
    return [round(100 * part / whole, 1) if whole else 0.0 for part in parts]

"""Numbers as clients see them."""

from fractions import Fraction


def percentage(part: int | Fraction, whole: int | Fraction) -> float:
    """`part` of `whole` as 0-100 with two decimals: exact, rounded half up, clamped; 0 of nothing (contract 1.3, 3.7).

    No step is done in floating point: 0.125 % is 0.13, where float rounding gives 0.12.
    """
    if whole <= 0:
        return 0.0
    hundredths = (20000 * part + whole) // (2 * whole)
    return min(max(int(hundredths), 0), 10000) / 100

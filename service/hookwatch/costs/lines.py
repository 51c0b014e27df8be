"""One line of a bill.

Never adds lines up: `bill` does.
"""

from dataclasses import dataclass

from hookwatch.costs.prices import PRICES, Item, Price


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        item: what is charged for.
        quantity: how many units of its price.
        usd: what they cost.
    """

    item: Item
    quantity: float
    usd: float

    @property
    def price(self) -> Price:
        """The price behind it."""
        return PRICES[self.item]


def line(item: Item, quantity: float) -> Line:
    """Price a quantity."""
    return Line(item, quantity, quantity * PRICES[item].usd_each)

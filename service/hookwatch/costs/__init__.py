"""What a deployment of hookwatch costs: prices, the bill, and what a loop would cost.

Never reads a template, a clock or AWS: numbers in, numbers out. Knows nobody else in hookwatch; the command line tells
it what the templates hold. The arithmetic of what a delivery costs (`spend`) is that of the alarm SpendRate and of the
dashboard's spend widget; `tests/contract/test_cost.py` holds the three together.
"""

from hookwatch.costs.amounts import Misread, read_duration_ms, read_payload_bytes, read_rate_per_s
from hookwatch.costs.bill import Bill, bill
from hookwatch.costs.deployment import Charge, Deployment, Guard
from hookwatch.costs.lines import Line
from hookwatch.costs.loop import LoopCase, loop_cases
from hookwatch.costs.prices import PRICES, Item, Price
from hookwatch.costs.spend import Usage, spend
from hookwatch.costs.traffic import Traffic, usage

__all__ = [
    "PRICES",
    "Bill",
    "Charge",
    "Deployment",
    "Guard",
    "Item",
    "Line",
    "LoopCase",
    "Misread",
    "Price",
    "Traffic",
    "Usage",
    "bill",
    "loop_cases",
    "read_duration_ms",
    "read_payload_bytes",
    "read_rate_per_s",
    "spend",
    "usage",
]

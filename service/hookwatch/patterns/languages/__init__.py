"""What one field may hold so that several leaves accept it at once: a value, or a proof that there is none.

Never looks at an event or at JSON text. Standard library only.
"""

from __future__ import annotations

from hookwatch.patterns.languages.values import NoValue, Undecided, Value, common_value

__all__ = ["NoValue", "Undecided", "Value", "common_value"]

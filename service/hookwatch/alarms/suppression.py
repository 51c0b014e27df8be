"""When a composite alarm with an action suppressor acts.

Never judges the rule and never acts: changes of state go in, "act now" comes out. The state itself always changes;
only actions wait. Source: the six examples under "Composite alarm action suppression" in Create_Composite_Alarm.md of
awsdocs/amazon-cloudwatch-user-guide at b355497 (2023-05-17), read 2026-11-22.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Suppression:
    """Where a suppressed composite stands.

    Attributes:
        wait_s: Length of the wait period.
        extension_s: Length of the extension period.
        suppressing: Whether the suppressor is in ALARM.
        until_s: End of the running wait or extension; None when neither runs.
        pending: Whether a change of state has not been acted upon.
    """

    wait_s: int
    extension_s: int
    suppressing: bool = False
    until_s: int | None = None
    pending: bool = False

    def suppressor(self, now_s: int, *, in_alarm: bool) -> "Suppression":
        """Take in the suppressor's state; leaving ALARM starts the extension, entering it ends the wait."""
        if in_alarm == self.suppressing:
            return self
        until_s = None if in_alarm else now_s + self.extension_s
        return replace(self, suppressing=in_alarm, until_s=until_s)

    def changed(self, now_s: int) -> "Suppression":
        """Take in that the composite changed state; it waits anew, unless it is suppressed already."""
        until_s = None if self.suppressing else now_s + self.wait_s
        return replace(self, pending=True, until_s=until_s)

    def due(self, now_s: int) -> tuple["Suppression", bool]:
        """Tell whether the composite acts now, on its present state, and where it stands then."""
        if self.suppressing or (self.until_s is not None and now_s < self.until_s):
            return self, False
        return replace(self, until_s=None, pending=False), self.pending

    def spoken(self, now_s: int) -> str:
        """Say why no action is taken; empty when nothing waits."""
        if not self.pending:
            return ""
        if self.suppressing:
            return "its actions are suppressed while the suppressor is in ALARM"
        return f"its actions wait until {self.until_s} s" if (self.until_s or 0) > now_s else ""

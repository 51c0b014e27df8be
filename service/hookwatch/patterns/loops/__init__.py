"""Finds loops before they are deployed: which rule's target causes events that match a rule again.

Never calls AWS. A loop is graded by its weakest step: MUST (every event goes round), MAY (some event does, or nobody
can tell); a loop with a step that can NEVER happen is none.
"""

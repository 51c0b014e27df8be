"""Judges event patterns by AWS's "Best practices for event patterns" before they cost money.

Never calls AWS (a live bus is read through a client that is given) and never changes a file: fixes are proposals.
"""

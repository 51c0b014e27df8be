"""The one exception of a build.

Never raised for a bug of the build itself: those keep their traceback.
"""


class BuildError(Exception):
    """The artefact cannot be made; the message says why and what to do."""

"""One file per provider; its function `provider(settings)` is all that the rest knows. See docs/extending.md."""

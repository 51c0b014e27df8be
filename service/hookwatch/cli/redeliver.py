"""`hookwatch redeliver`: brings back what a provider could not deliver. Decides nothing: each provider has its file."""

from __future__ import annotations

import typer

from hookwatch.cli.redeliver_github import EPILOG as GITHUB_EPILOG
from hookwatch.cli.redeliver_github import github
from hookwatch.cli.redeliver_twilio import EPILOG as TWILIO_EPILOG
from hookwatch.cli.redeliver_twilio import twilio

app = typer.Typer(
    name="redeliver",
    help="Bring back deliveries that failed: a plan first, then within the provider's limits.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples into one paragraph
)


EPILOG = """\
Examples:

\b
  hookwatch redeliver github --repo octo-org/hello-world --since 6h          the plan
  hookwatch redeliver github --repo octo-org/hello-world --since 6h --yes    do it
  hookwatch redeliver twilio --since 6h                                      Twilio's alerts, as a plan
"""


@app.callback(epilog=EPILOG)
def redeliver() -> None:
    """Bring back deliveries that failed (docs/redelivery.md, docs/redelivery-twilio.md)."""


app.command("github", epilog=GITHUB_EPILOG)(github)
app.command("twilio", epilog=TWILIO_EPILOG)(twilio)

"""What `hookwatch secret` says of itself: options that its commands share, and the text below their help. No logic."""

from __future__ import annotations

from typing import Annotated

import typer

STATUS_EPILOG = """\
Exit codes: 0 no rotation is unfinished; 1 one is, or somebody still signs with the previous key; 2 misuse.

Examples:

\b
  hookwatch secret status github
  hookwatch secret status twilio --stack webhooks --window 1d --json
  hookwatch secret status github --endpoint-url http://127.0.0.1:40613    in the sandbox
"""
_CODES = """\
Without --yes nothing is changed: everything is checked, and what would be done is said.

Exit codes: 0 done, planned, or nothing to do; 1 it is not as it must be (another rotation, nothing proves the new key,
the previous one is still used); 2 misuse, not found, not allowed: nothing was changed.

"""
GITHUB_EPILOG = f"""{_CODES}Signs in to GitHub with GITHUB_TOKEN, GH_TOKEN or `gh`, or with --token-secret; for an App's
hook with GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_FILE.

Examples:

\b
  hookwatch secret rotate github --repo acme/shop --hook 7             what would happen
  hookwatch secret rotate github --repo acme/shop --hook 7 --yes       the same again goes on where it stopped
  hookwatch secret rotate github --repo acme/shop --hook 7 --undo --yes
  hookwatch secret rotate github --org acme --yes --grace 30m          and end the old key when it is quiet
  hookwatch secret rotate github --repo acme/blog --current --yes      another hook with the same secret
  hookwatch secret rotate github --finish --yes                        end the old key
"""
TWILIO_EPILOG = f"""{_CODES}Promoting cannot be undone and ends the old auth token at once, for webhooks and for
Twilio's API: it needs --yes-promote. Signs in with TWILIO_ACCOUNT_SID and TWILIO_API_KEY, TWILIO_API_SECRET
(or TWILIO_AUTH_TOKEN, which ends with this).

Examples:

\b
  hookwatch secret rotate twilio                                       what would happen
  hookwatch secret rotate twilio --yes                                 up to the promotion
  hookwatch secret rotate twilio --yes --yes-promote                   all of it
  hookwatch secret rotate twilio --undo --yes                          before the promotion only
  hookwatch secret rotate twilio --finish --yes                        end the old key
"""

StackName = Annotated[str, typer.Option("--stack", help="The stack.")]
Url = Annotated[str | None, typer.Option("--url", help="The URL that the provider was given, if not the Function URL.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is changed.")]
Undo = Annotated[bool, typer.Option("--undo", help="Go back to the key before.")]
Finish = Annotated[bool, typer.Option("--finish", help="End the previous key, if nobody used it for --grace.")]
Grace = Annotated[
    str | None,
    typer.Option(
        "--grace", metavar="SPAN", help="Wait until the previous key was unused so long, and end it: 10m, 1h."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of text.")]
Region = Annotated[str | None, typer.Option("--region", help="AWS Region.")]
Endpoint = Annotated[str | None, typer.Option("--endpoint-url", help="Another endpoint, such as the sandbox's.")]

"""Answers a webhook. Knows nobody above it: not recovery, not the sandbox, not the command line."""

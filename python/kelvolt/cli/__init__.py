"""The command line."""

from kelvolt.cli.commands import main

__all__ = ["main"]

"""`kelvolt --help`: the commands by those who use them, one line each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from kelvolt.base import screen

GROUPS = {
    "solve and find": "run check report cases tree components new",
    "cooling": "size sweep commission",
    "facility teams": "power contingencies ridethrough shortcircuit protection harmonics swings schedule profile",
}  # what is in none of them comes last, as "other"
_NAME = 15  # columns of a name


class CommandHelp(argparse.HelpFormatter):
    """Lists sub-commands in groups; all else as argparse does."""

    def _format_action(self, action: argparse.Action) -> str:
        if not isinstance(action, argparse._SubParsersAction):
            return super()._format_action(action)
        return "\n".join(_lines(action))


def _lines(action: argparse._SubParsersAction[argparse.ArgumentParser]) -> Iterator[str]:
    texts = {a.dest: str(a.help or "") for a in action._get_subactions()}
    grouped = {name: [n for n in names.split() if n in texts] for name, names in GROUPS.items()}
    known = {n for names in grouped.values() for n in names}
    grouped["other"] = [n for n in texts if n not in known]
    for title, names in grouped.items():
        yield f"  {title}:"
        for name in names:
            short = texts[name].partition(";")[0].partition(":")[0]
            yield f"    {name.ljust(_NAME)} {screen.shortened(short, screen.width() - _NAME - 6)}"
    yield "\n`kelvolt COMMAND --help` tells more of each.\n"

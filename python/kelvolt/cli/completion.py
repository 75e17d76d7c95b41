"""`kelvolt completion SHELL`: a script by which a shell completes commands, options, cases and files, made by shtab."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

from kelvolt.cli.facility import Command, Commands

SHELLS = ("bash", "zsh", "fish")
_CASES = ("case", "file")  # arguments that take a case
_FILES = {"FILE": "file", "DIR": "directory", "SWEEP": "file"}  # what a metavar stands for


def add(commands: Commands, command: Command, parser: Callable[[], argparse.ArgumentParser]) -> None:
    """Adds the command; parser: makes the whole parser, whose words the script completes."""
    made = command(commands, "completion", _completion, "print the script by which a shell completes the words")
    made.add_argument("shell", choices=SHELLS, help="bash, zsh or fish")
    made.set_defaults(parser=parser)


def _completion(options: argparse.Namespace) -> int:
    sys.stdout.write(script(options.parser(), options.shell))
    return 0


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script of a shell. Shipped cases and YAML files complete where a case is taken."""
    import shtab

    cases = _case_words()
    for action in _actions(parser):
        if action.dest in _CASES and not action.option_strings:
            action.complete = cases  # type: ignore[attr-defined]
        elif action.metavar in _FILES:
            action.complete = shtab.FILE if _FILES[action.metavar] == "file" else shtab.DIRECTORY  # type: ignore
    return str(shtab.complete(parser, shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _actions(inner)


def _case_words() -> dict[str, Any]:
    """For shtab: the names of shipped cases, and the YAML files of the folder."""
    import shtab

    from kelvolt.cases.shipped import cases

    names = shlex.join(cases())
    files = dict(shtab.glob("*.yaml", "*.yml"))
    preamble: Any = files["preamble"]
    bash = f'_kelvolt_cases() {{\n  compgen -W "{names}" -- $1\n  {files["bash"]} $1\n}}\n'
    zsh = f'_kelvolt_cases() {{\n  compadd -- {names}\n  _files -g "*.(yaml|yml)"\n}}\n'
    fish = f"function _kelvolt_cases\n  printf '%s\\n' {names}\n  {str(files['fish']).strip('()')}\nend\n"
    return {
        "bash": "_kelvolt_cases",
        "zsh": "_kelvolt_cases",
        "fish": "(_kelvolt_cases)",
        "preamble": {"bash": preamble["bash"] + bash, "zsh": zsh, "fish": preamble["fish"] + fish},
    }

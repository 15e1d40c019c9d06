"""The application: its commands, and how failures become messages and exit codes.

Exit codes: 0 clean, 1 findings (a ruleset does not check, a scenario fails, an input or a
line of it cannot be read or does not fit, a chain breaks, a message is given up, a timer is left
undone, a database cannot be used), 2 wrong use (an unknown ruleset, two for one worker that share
a kind, an option that does not exist or whose value means nothing).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

import typer

from kaocheng.cli.assess import assess
from kaocheng.cli.audit import audit
from kaocheng.cli.bulletin import bulletin
from kaocheng.cli.check import check
from kaocheng.cli.compile import compile_
from kaocheng.cli.demo import demo
from kaocheng.cli.explain import explain
from kaocheng.cli.export import export
from kaocheng.cli.load import load
from kaocheng.cli.outbox import outbox
from kaocheng.cli.plan import plan
from kaocheng.cli.plugins import plugins
from kaocheng.cli.prove import prove
from kaocheng.cli.replay import replay
from kaocheng.cli.rulesets import rulesets
from kaocheng.cli.schema import schema
from kaocheng.cli.test import test
from kaocheng.cli.usage import WRONG_USE, UsageError, report_usage
from kaocheng.cli.worker import worker
from kaocheng.errors import InputError, KaochengError, RulesetError, UnknownRulesetError


def application() -> typer.Typer:
    """All commands."""
    app = typer.Typer(
        name="kaocheng",
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    app.command()(check)
    app.command()(assess)
    app.command()(explain)
    app.command()(bulletin)
    app.command()(test)
    app.command()(prove)
    app.command()(plan)
    app.command("compile")(compile_)
    app.command()(worker)
    app.command()(outbox)
    app.add_typer(audit(), name="audit")
    app.command()(export)
    app.command()(load)
    app.command()(rulesets)
    app.command()(plugins)
    app.command()(schema)
    app.command()(replay)
    app.command()(demo)
    return app


def _say_version(*, is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"kaocheng {version('kaocheng')}")
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="say which it is"),
    ] = False,
) -> None:
    """Deadlines, duties and points of bodies that live by reports."""


def run(arguments: list[str] | None = None) -> None:
    """Run a command; every failure on purpose is one sentence and an exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    language = _language(given)
    try:
        code = application()(args=given, standalone_mode=False)
    except UsageError as error:
        report_usage(error, language=language)
        raise SystemExit(WRONG_USE) from None
    except KaochengError as error:
        _report(error, language=language)
        raise SystemExit(_code(error)) from None
    except (BrokenPipeError, typer.Abort):
        raise SystemExit(1) from None
    raise SystemExit(code if isinstance(code, int) else 0)


def _report(error: KaochengError, *, language: str) -> None:
    from kaocheng.cli.messages import failure, print_diagnostics

    if isinstance(error, RulesetError):
        print_diagnostics(error.diagnostics, language=language)
    else:
        sys.stderr.write(failure(error, language=language) + "\n")


def _code(error: KaochengError) -> int:
    """Wrong use is what the command line itself got wrong: a name, or the value of an option."""
    is_option = isinstance(error, InputError) and error.place.startswith("--")
    return WRONG_USE if is_option or isinstance(error, UnknownRulesetError) else 1


def _language(arguments: Sequence[str]) -> str:
    """The language asked for, read from the words themselves, for failures outside a command."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    return "zh" if ("--lang", "zh") in pairwise(words) else "en"

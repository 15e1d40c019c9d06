"""The application: its commands, and how failures become messages and exit codes.

Exit codes: 0 clean, 1 findings (a ruleset does not check, a scenario fails, an input
cannot be read), 2 wrong use (an unknown ruleset, an option that does not exist).
"""

from __future__ import annotations

import sys

import typer

from kaocheng.cli.assess import assess
from kaocheng.cli.check import check
from kaocheng.cli.compile import compile_
from kaocheng.cli.demo import demo
from kaocheng.cli.explain import explain
from kaocheng.cli.plan import plan
from kaocheng.cli.prove import prove
from kaocheng.cli.rulesets import rulesets
from kaocheng.cli.test import test
from kaocheng.errors import InputError, KaochengError, RulesetError, UnknownRulesetError


def application() -> typer.Typer:
    """All commands."""
    app = typer.Typer(
        name="kaocheng",
        help="Deadlines, duties and points of bodies that live by reports.",
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.command()(check)
    app.command()(assess)
    app.command()(explain)
    app.command()(test)
    app.command()(prove)
    app.command()(plan)
    app.command("compile")(compile_)
    app.command()(rulesets)
    app.command()(demo)
    return app


def run(arguments: list[str] | None = None) -> None:
    """Run a command; every failure on purpose is one sentence and an exit code."""
    try:
        application()(args=arguments)
    except UnknownRulesetError as error:
        _fail(str(error), 2)
    except RulesetError as error:
        from kaocheng.cli.messages import print_diagnostics

        print_diagnostics(error.diagnostics, language="en")
        raise SystemExit(1) from None
    except InputError as error:
        _fail(str(error), 1)
    except KaochengError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        raise SystemExit(1) from None


def _fail(message: str, code: int) -> None:
    sys.stderr.write(f"error: {message}\n")
    raise SystemExit(code) from None

"""Arguments and options that several commands share."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class Language(enum.StrEnum):
    """The language of messages."""

    EN = "en"
    ZH = "zh"


class Formats(enum.StrEnum):
    """How lists and reports are printed."""

    TEXT = "text"
    JSON = "json"


class Evaluators(enum.StrEnum):
    """Which evaluator computes an assessment."""

    PYTHON = "python"
    COLUMNS = "columns"


RulesetArgument = Annotated[
    str, typer.Argument(metavar="RULESET", help="a shipped name, or a path", show_default=False)
]
InputArgument = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="a journal (.jsonl, .csv, .parquet) or a table that the ruleset describes",
        show_default=False,
    ),
]
LanguageOption = Annotated[Language, typer.Option("--lang", help="the language of messages")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="T", help="the world's time; default: the last event"),
]
KnownAtOption = Annotated[
    str | None,
    typer.Option("--known-at", metavar="T", help="the time of our knowledge; default: all"),
]
EvaluatorOption = Annotated[Evaluators, typer.Option(help="which evaluator computes it")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="try another value of a parameter; may be given several times",
    ),
]
EarlierOption = Annotated[
    list[str] | None,
    typer.Option(
        "--earlier",
        metavar="PATH",
        help="a text that the ruleset had when circulars were published; may be given several"
        " times",
    ),
]
InputIdOption = Annotated[
    str | None, typer.Option("--input", metavar="ID", help="which of the ruleset's inputs it is")
]
DatabaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATABASE",
        help="a file of SQLite, or an address such as postgresql://host/name",
        show_default=False,
    ),
]
TenantOption = Annotated[str, typer.Option(metavar="NAME", help="whose cases they are")]

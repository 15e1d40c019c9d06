"""`kaocheng explain`: why a case's results are what they are, and why some are not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import (
    AsOfOption,
    InputArgument,
    InputIdOption,
    KnownAtOption,
    Language,
    LanguageOption,
    RulesetArgument,
    SetOption,
)

if TYPE_CHECKING:
    from kaocheng.explaining import Explanation
    from kaocheng.language.ruleset import Ruleset

# Without `--rule` or `--period`, of one rule no more rows than these are explained.
MOST_OF_A_RULE = 3


def explain(
    ruleset: RulesetArgument,
    input_file: InputArgument,
    *,
    case: Annotated[str, typer.Option(metavar="ID", help="the case to explain")],
    rule: Annotated[str | None, typer.Option(metavar="ID", help="only this rule")] = None,
    period: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="of rolls and tallies only this period: `2009-03-02`"),
    ] = None,
    tried: SetOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    input_id: InputIdOption = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Explain what every rule says of a case: values, clause, version."""
    from kaocheng.cli.loading import load_and_assess
    from kaocheng.explaining import explain as explain_case
    from kaocheng.rendering.tried import tried_lines

    loaded = load_and_assess(
        ruleset,
        input_file,
        as_of=as_of,
        known_at=known_at,
        evaluator="python",
        input_id=input_id,
        settings=tried,
    )
    if rule is not None:
        _check_rule(loaded.ruleset, rule)
    case_id = loaded.case_id(case)
    found = explain_case(loaded.assessment, case_id, rule=rule, period=period)
    most = MOST_OF_A_RULE if rule is None and period is None else len(found)
    for line in tried_lines(loaded.ruleset, lang.value):
        typer.echo(line)
    for line in _lines(found, most, lang.value):
        typer.echo(line)
    loaded.report(lang.value)
    raise typer.Exit(loaded.code)


def _check_rule(ruleset: Ruleset, rule: str) -> None:
    """Refuse a name that is no rule: collections and parts of rules are not explained."""
    from kaocheng.journal.texts import did_you_mean
    from kaocheng.journal.unknown import NO_RULE

    known = [item.id for item in ruleset.plan.rules if "." not in item.id]
    if rule not in known:
        whole = rule.partition(".")[0]
        hint = did_you_mean(whole if whole in known else rule, known)
        raise NO_RULE.refusal("--rule", seen=rule, hint=hint)


def _lines(found: Sequence[Explanation], most: int, language: str) -> Iterator[str]:
    """The explanations, of each rule at most so many, with a line between them."""
    if not found:
        yield "没有涉及该事项的规则" if language == "zh" else "no rule speaks of this case"
    for number, (rule, of_rule) in enumerate(groupby(found, key=lambda item: item.rule)):
        explanations = list(of_rule)
        for place, explanation in enumerate(explanations[:most]):
            if number or place:
                yield ""
            yield from explanation.texts(language)
        if len(explanations) > most:
            yield ""
            yield _more(rule, len(explanations) - most, language)


def _more(rule: str, count: int, language: str) -> str:
    if language == "zh":
        return f"……本规则另有 {count} 行，用 `--rule {rule}` 查看"
    return f"… {count} more rows of this rule: use `--rule {rule}`"

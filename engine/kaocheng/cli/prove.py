"""`kaocheng prove`: what a ruleset promises about every possible case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import Language, LanguageOption, RulesetArgument, SetOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaocheng.errors import InputError
    from kaocheng.evaluate.proof import Counterexample, Proof

VERDICTS = {
    "proved": ("proved", "已证明"),
    "refuted": ("refuted", "不成立"),
    "unknown": ("not decided", "未能判定"),
    "vacuous": ("vacuous: nothing satisfies the premise", "前提不可能成立"),
}
# The longest that a solver can be told to take, in seconds.
_FOREVER = 2_000_000.0
NO_PROPERTY = ("the ruleset has no property `{seen}`{hint}", "规则集没有性质 `{seen}`{hint}")


def prove(
    ruleset: RulesetArgument,
    *,
    only: Annotated[
        str | None, typer.Option("--property", metavar="ID", help="only this property")
    ] = None,
    tried: SetOption = None,
    timeout: Annotated[float, typer.Option(help="seconds for each property")] = 10.0,
    lang: LanguageOption = Language.EN,
) -> None:
    """Prove the ruleset's properties, or print a case that breaks one."""
    from kaocheng.calendars.zones import Zones
    from kaocheng.cli.loading import with_set
    from kaocheng.evaluate.proof import prove as prove_property
    from kaocheng.host import Host
    from kaocheng.journal.texts import Message, did_you_mean
    from kaocheng.rendering.tried import tried_lines

    if not 0 < timeout < _FOREVER:
        raise _no_seconds(timeout)
    checked = with_set(Host.discover().load(ruleset), tried)
    wanted = [p for p in checked.properties if only in (None, p.id)]
    if only is not None and not wanted:
        hint = did_you_mean(only, [p.id for p in checked.properties])
        message = Message("no_property", *NO_PROPERTY)
        raise message.refusal("--property", seen=only, hint=hint)
    for line in tried_lines(checked, lang.value):
        typer.echo(line)
    zones = Zones()
    failed = False
    for item in wanted:
        proof = prove_property(checked.plan, item, timeout_ms=int(timeout * 1000), zones=zones)
        failed = failed or proof.verdict != "proved"
        for line in lines(proof, lang.value):
            typer.echo(line)
    if not wanted:
        typer.echo(
            "该规则集未声明性质" if lang is Language.ZH else "the ruleset declares no properties"
        )
    raise typer.Exit(1 if failed else 0)


def _no_seconds(timeout: float) -> InputError:
    from kaocheng.errors import InputError

    return InputError(
        "--timeout",
        f"`{timeout:g}` is not a number of seconds above 0",
        zh=f"`{timeout:g}` 不是大于 0 的秒数",
    )


def lines(proof: Proof, language: str) -> Iterator[str]:
    """One proof as text."""
    chinese = language == "zh"
    title = proof.property.titles.get(language, proof.property.id)
    verdict = VERDICTS[proof.verdict][chinese]
    yield f"{verdict}  {title}  ({proof.milliseconds:.0f} ms)"
    if proof.property.slack:
        yield f"  {'余地：' if chinese else 'slack: '}{proof.property.slack.get(language, '')}"
    if proof.reason is not None:
        yield f"  {proof.reason.zh if chinese else proof.reason.en}"
    for lemma in proof.lemmas:
        yield f"  {'依据：' if chinese else 'rests on: '}{lemma.zh if chinese else lemma.en}"
    if proof.counterexample is not None:
        yield from _counterexample(proof.counterexample, chinese=chinese)


def _counterexample(found: Counterexample, *, chinese: bool) -> Iterator[str]:
    yield f"  {'反例，截至' if chinese else 'a case that breaks it, as of'} {found.as_of_text}"
    for name, rows in found.sources.items():
        for row in rows:
            values = ", ".join(f"{column} = {text}" for column, text in row.texts.items())
            yield f"    {name} ({row.relation}): {values}"
    for name, row in found.derived.items():
        values = ", ".join(f"{column} = {text}" for column, text in row.texts.items())
        yield f"    {name} → {values}"

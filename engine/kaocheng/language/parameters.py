"""Other values tried for parameters: the same ruleset, and no longer the one in force."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from attrs import evolve

from kaocheng.calendars.numberline import format_date, format_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.diagnostics import Diagnostic, Diagnostics, Span, nearest
from kaocheng.errors import InputError
from kaocheng.language._values_reader import read_value
from kaocheng.language.amounts import decimal, duration_words
from kaocheng.language.codec import canonical
from kaocheng.language.ruleset import Assumption, Ruleset, RuleText, Tried, Version
from kaocheng.language.types import DATE, DURATION, INSTANT, Decimal, Type
from kaocheng.plan.algebra import VersionFacts
from kaocheng.syntax import Scalar


def with_parameters(ruleset: Ruleset, values: Mapping[str, str]) -> Ruleset:
    """The ruleset with other values for parameters, in every version that declares them.

    Values are written as in a version file: `30`, `"2.5"`, `2009-03-01`, `2 hours`, `true`.
    A version in which a value changes has another hash, `tried` says which values are not
    those in force, and explanations say so where they show one.

    Raises:
        InputError: no version has a parameter of that name, or the value is not of its type.
    """
    versions, facts, tried = ruleset.versions, ruleset.plan.versions, ruleset.tried
    for name, text in values.items():
        given = {v.name: _given(v, name, text) for v in versions if name in v.parameter_types}
        if not given:
            raise _unknown(ruleset, name)
        pairs = zip(versions, facts, strict=True)
        facts = tuple(_facts(version, fact, name, given) for version, fact in pairs)
        instead = {v.name: _shown(v, name) for v in versions if name in v.parameters}
        tried = (*tried, Tried(name=name, text=text, instead=instead))
        versions = tuple(_version(version, name, text, given) for version in versions)
    return evolve(
        ruleset, versions=versions, plan=evolve(ruleset.plan, versions=facts), tried=tried
    )


def _facts(
    version: Version, facts: VersionFacts, name: str, given: Mapping[str, object]
) -> VersionFacts:
    if version.name not in given:
        return facts
    return evolve(facts, parameters={**facts.parameters, name: given[version.name]})


def _version(version: Version, name: str, text: str, given: Mapping[str, object]) -> Version:
    if version.name not in given or version.parameters[name] == given[version.name]:
        return version
    changed = hashlib.sha256(canonical([version.hash, name, given[version.name]]).encode())
    figure = _figure(version, name, text)
    return evolve(
        version,
        parameters={**version.parameters, name: given[version.name]},
        figures={**version.figures, name: figure},
        hash=changed.hexdigest(),
    )


def _figure(version: Version, name: str, text: str) -> RuleText:
    """What is said of the value: no text gives it."""
    figure = version.figures.get(name) or RuleText(id=name, section="parameters", titles={})
    before = _shown(version, name)
    reasons = {
        "en": f"{text} is tried; in force is {before}",
        "zh": f"试用 {text}，现行为 {before}",
    }
    return evolve(
        figure, clause="", cite="", assumed=(Assumption(subject="value", reasons=reasons),)
    )


# Values as people write them.


def _given(version: Version, name: str, text: str) -> object:
    """The value on the number line."""
    diagnostics = Diagnostics()
    span = Span.point(name)
    # In quotes, so that nothing is taken for something that is missing.
    node = Scalar(text, span, "double", text, (1, 1))
    value = read_value(node, version.parameter_types[name], diagnostics)
    for wrong in diagnostics:
        raise _misfit(name, wrong)
    return value


def _shown(version: Version, name: str) -> str:
    return _text(version.parameters[name], version.parameter_types[name], version.zone)


def _text(value: object, type_: Type, zone: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int):
        return str(value)
    if isinstance(type_, Decimal):
        return decimal(value, type_.scale)
    if type_ == DURATION:
        return duration_words(value)[0]
    if type_ == INSTANT:
        return format_instant(value, build_zone(zone))
    return format_date(value) if type_ == DATE else str(value)


# What is wrong.


def _unknown(ruleset: Ruleset, name: str) -> InputError:
    known = sorted({name for version in ruleset.versions for name in version.parameter_types})
    near = nearest(name, known)
    hint = f"; did you mean `{near}`" if near else ""
    hint_zh = f"；是否想写 `{near}`" if near else ""
    if not known:
        return InputError(name, "the ruleset declares no parameters", zh="该规则集未声明任何参数")
    return InputError(
        name,
        f"the ruleset has no parameter `{name}`{hint}",
        zh=f"规则集没有参数 `{name}`{hint_zh}",
    )


def _misfit(name: str, wrong: Diagnostic) -> InputError:
    return InputError(name, _sentence(wrong, "en"), zh=_sentence(wrong, "zh"))


def _sentence(wrong: Diagnostic, language: str) -> str:
    way_out = wrong.help(language)
    between = "；" if language == "zh" else "; "
    return between.join(part for part in (wrong.message(language), way_out) if part)

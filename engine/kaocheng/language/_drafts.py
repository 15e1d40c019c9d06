"""The rules of one version as written: what each is, and which others it reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from kaocheng.diagnostics import Diagnostics
from kaocheng.language import codes
from kaocheng.language._names import Names
from kaocheng.language.documents import Document, declared_first
from kaocheng.language.sections import Section, source_of
from kaocheng.language.shapes import Fields, listed_items, read
from kaocheng.syntax import Mapping as MappingNode
from kaocheng.syntax import Node, Scalar
from kaocheng.syntax import Sequence as SequenceNode

_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")
_READINGS = re.compile(r"\.\s*([a-z_][a-z0-9_]*)")
# Keys under which nothing is read, whatever the words there look like.
_PROSE = ("id", "title", "clause", "cite", "assumed", "replaces")


@frozen(kw_only=True)
class Draft:
    """A rule as written, and the rules it reads.

    It `needs` what it runs over and what its section reads; what it `mentions` behind a
    dot may also be a column that is only called like a rule.
    """

    section: Section
    fields: Fields
    needs: frozenset[str]
    mentions: frozenset[str]

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.fields.text("id")


def draft_rules(
    document: Document, sections: Sequence[Section], names: Names, diagnostics: Diagnostics
) -> tuple[Draft, ...]:
    """Every rule of the document, structurally checked; `names` are those a rule may not have."""
    found: dict[str, tuple[Section, Fields]] = {}
    for section in sections:
        for fields in _records(document, section, diagnostics):
            name = fields.text("id")
            if not name:
                continue
            if name in found:
                label = declared_first(name, found[name][1].at("id"))
                diagnostics.add(codes.DUPLICATE_ID, fields.at("id"), labels=(label,), id=name)
                continue
            names.claim(name, fields.at("id"), ("a rule", "规则"))
            found[name] = (section, fields)
    writers = _writers(found)
    return tuple(_draft(section, fields, writers, found) for section, fields in found.values())


def _records(document: Document, section: Section, diagnostics: Diagnostics) -> Iterator[Fields]:
    for item in listed_items(document.node(section.name), diagnostics, key=section.name):
        fields = read(section.shape, item, diagnostics, key=section.name, in_list=True)
        if isinstance(fields, Fields):
            yield fields


def _writers(found: Mapping[str, tuple[Section, Fields]]) -> Mapping[str, set[str]]:
    """Which rules give the rows of a rule, a section or a collection."""
    writers: dict[str, set[str]] = {name: {name} for name in found}
    for name, (section, fields) in found.items():
        groups = {group for group in (section.name, *section.collections) if group not in found}
        if section.gives_to:
            groups.add(fields.text(section.gives_to))
        for group in groups:
            writers.setdefault(group, set()).add(name)
    return writers


def _draft(
    section: Section, fields: Fields, writers: Mapping[str, set[str]], rules: Collection[str]
) -> Draft:
    own = {fields.text("id")}
    needs: set[str] = set()
    for name in (*own, *sources(fields), *section.reads):
        needs |= writers.get(name, set())
    mentions = {name for name in _mentions(fields) if name in rules}
    return Draft(
        section=section,
        fields=fields,
        needs=frozenset(needs - own),
        mentions=frozenset(mentions - own - needs),
    )


def sources(fields: Fields) -> Iterator[str]:
    """What the rule runs over."""
    runs_over = fields.get("for")
    for text in runs_over if isinstance(runs_over, tuple) else (runs_over,):
        yield (source_of(str(text)) or "").partition(".")[0]


def _mentions(fields: Fields) -> Iterator[str]:
    """Every name that stands behind a dot."""
    for key, node in fields.nodes.items():
        if key not in _PROSE:
            for scalar in _scalars(node):
                if "." in scalar.text:
                    yield from _READINGS.findall(_STRINGS.sub("''", scalar.text))


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, MappingNode):
        for entry in node.entries:
            yield from _scalars(entry.value)


def circle(waiting: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Some that wait for each other in a circle, each for the next, where all wait."""
    path = [min(waiting)]
    while True:
        following = min(name for name in waiting[path[-1]] if name in waiting)
        if following in path:
            return tuple(path[path.index(following) :])
        path.append(following)

"""From a ruleset's folder to one merged document per version.

A document is the top-level mapping of a version file. `extends` merges the
sections of another document into it: rules are added, replaced by `replaces`, and
anything is dropped by `without`; the same name without either is an error that shows
both places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, Label, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language.shapes import listed, wrong_shape
from kaocheng.syntax import Entry, Mapping, Node, Parsed, Scalar, Sequence
from kaocheng.syntax import read as read_yaml
from kaocheng.syntax.quoting import shown

# Keys of the top level that a version does not take over from what it extends.
OWN_KEYS = ("kaocheng", "ruleset", "version", "title", "cite", "effective", "extends", "without")

Installed = Callable[[str], Path | None]


@frozen(kw_only=True)
class Document:
    """One version as written, with everything it extends merged in."""

    path: Path
    root: Mapping

    def node(self, key: str) -> Node | None:
        """The value of a top-level key."""
        return self.root.get(key)

    def span(self, key: str) -> Span:
        """The place of the value of a top-level key, or of the whole document."""
        node = self.root.get(key)
        return self.root.span if node is None else node.span


def version_files(folder: Path) -> tuple[Path, ...]:
    """The version files of a ruleset, or the one file that was named."""
    if folder.is_file():
        return (folder,)
    return tuple(sorted((folder / "versions").glob("*.yaml")))


class Documents:
    """The version files of one check: each is read once, however many extend it."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._parsed: dict[Path, Parsed] = {}

    def read(self, path: Path, diagnostics: Diagnostics) -> Document | None:
        """A version file, merged with what it extends; None if any of them cannot be read.

        Half of a version would only be wrong in ways that nobody has to mend.
        """
        chain = [path]
        roots: list[Mapping] = []
        for file in chain:  # which grows while it is read
            root = self._root(file, diagnostics)
            if root is None or (roots and self._parsed[file].diagnostics):
                return None
            roots.append(root)
            target = self._extended(file, root, chain, diagnostics)
            if target is not None:
                chain.append(target)
        merged = roots.pop()
        while roots:
            merged = _Merger(diagnostics).merge(merged, roots.pop())
        return Document(path=path, root=merged)

    def _root(self, path: Path, diagnostics: Diagnostics) -> Mapping | None:
        if path not in self._parsed:
            self._parsed[path] = read_yaml(path)
        parsed = self._parsed[path]
        diagnostics.extend(parsed.diagnostics)
        if isinstance(parsed.root, Mapping):
            return parsed.root
        if parsed.root is not None:
            _no_mapping(parsed.root, diagnostics)
        return None

    def _extended(
        self, path: Path, root: Mapping, chain: list[Path], diagnostics: Diagnostics
    ) -> Path | None:
        """The file that a document extends, if it does and may."""
        node = root.get("extends")
        if node is None:
            _report_idle_keys(root, diagnostics)
        if not isinstance(node, Scalar) or not node.text:
            return None
        target = self._target(path, node, diagnostics)
        if target not in chain:
            return target
        # The circle is reported at the version that is read, if that is in it.
        first = self._parsed[chain[0]].root if target == chain[0] else root
        closing = first.get("extends") if isinstance(first, Mapping) else None
        if isinstance(closing, Scalar):
            code, seen = declaration_codes.EXTENDS_CYCLE, shown(closing.text)
            diagnostics.add(code, closing.span, seen=seen)
        return None

    def _target(self, path: Path, node: Scalar, diagnostics: Diagnostics) -> Path | None:
        name, _, version = node.text.partition("/")
        package = self._installed(name) if version else None
        folder = path.parent if package is None else package / "versions"
        wanted = node.text if package is None else version
        target = _inside(folder, wanted if wanted.endswith(".yaml") else f"{wanted}.yaml")
        if target is None:
            diagnostics.add(declaration_codes.EXTENDS_OUTSIDE, node.span, seen=shown(node.text))
        elif not target.is_file():
            known = sorted(other.stem for other in folder.glob("*.yaml") if other != path)
            hint = nearest(wanted, known)
            values = {"seen": shown(node.text), **listed(known)}
            diagnostics.add(
                declaration_codes.EXTENDS_MISSING, node.span, suggestion=hint, words=values
            )
            target = None
        return target


def _inside(folder: Path, name: str) -> Path | None:
    """The file of that name in or below the folder; None if it would lie elsewhere."""
    root = folder.resolve()
    try:
        target = (root / name).resolve()
        # A name that the system cannot have at all is only found out by asking.
        target.exists()
    except (OSError, ValueError):
        return None
    return folder / target.relative_to(root) if target.is_relative_to(root) else None


def _no_mapping(root: Node, diagnostics: Diagnostics) -> None:
    wanted = ("keys with values, such as `ruleset: …`", "由键和值组成，如 `ruleset: …`")
    wrong_shape(root, diagnostics, place=("the file", "文件"), wanted=wanted)


def _report_idle_keys(root: Mapping, diagnostics: Diagnostics) -> None:
    """Report keys that only mean something in a version that extends another."""
    for entry in root.entries:
        if entry.key.text == "without":
            diagnostics.add(declaration_codes.NO_EXTENDS, entry.key.span, key="without")
        for item in entry.value.items if isinstance(entry.value, Sequence) else ():
            for key in item.entries if isinstance(item, Mapping) else ():
                if key.key.text == "replaces":
                    diagnostics.add(declaration_codes.NO_EXTENDS, key.key.span, key="replaces")


class _Merger:
    """Merges a version into what it extends."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._places: dict[str, Span] = {}

    def merge(self, base: Mapping, child: Mapping) -> Mapping:
        """The child with all of the base that it does not drop or replace."""
        self._places = dict(place for entry in base.entries for place in _declared(entry))
        dropped = self._dropped(child)
        entries = [entry for entry in child.entries if entry.key.text in OWN_KEYS]
        for entry in base.entries:
            if entry.key.text not in OWN_KEYS:
                kept = _without(entry.value, dropped)
                own = child.get(entry.key.text)
                value = kept if own is None else self._section(kept, own)
                entries.append(Entry(entry.key, value))
        known = (*OWN_KEYS, *base.keys())
        entries += [
            Entry(entry.key, self._new_section(entry.value))
            for entry in child.entries
            if entry.key.text not in known
        ]
        return Mapping(tuple(entries), child.span)

    def _dropped(self, child: Mapping) -> set[str]:
        node = child.get("without")
        items = node.items if isinstance(node, Sequence) else ()
        dropped = [item for item in items if isinstance(item, Scalar) and not item.is_blank]
        for item in dropped:
            if item.text not in self._places:
                self._no_such(item, sorted(self._places), ("drop", "删去"))
        return {item.text for item in dropped}

    def _no_such(self, item: Scalar, known: Iterable[str], act: tuple[str, str]) -> None:
        words = {"seen": shown(item.text), "act": act[0], "act_zh": act[1]}
        elsewhere = self._places.get(item.text)
        there = "something of that name is in another section"
        labels = () if elsewhere is None else (Label(elsewhere, there, "另一部分中有同名内容"),)
        self._diagnostics.add(
            declaration_codes.NO_SUCH_RULE,
            item.span,
            suggestion=nearest(item.text, known),
            labels=labels,
            words=words,
        )

    def _section(self, base: Node, child: Node) -> Node:
        if isinstance(base, Mapping) and isinstance(child, Mapping):
            return self._names(base, child)
        if isinstance(base, Sequence) and isinstance(child, Sequence) and not _is_value(child):
            return self._rules(base, child)
        return child

    def _new_section(self, child: Node) -> Node:
        if isinstance(child, Sequence):
            return self._rules(Sequence((), child.span), child)
        return child

    def _names(self, base: Mapping, child: Mapping) -> Mapping:
        known = {entry.key.text: entry.key for entry in base.entries}
        for entry in child.entries:
            if entry.key.text in known:
                self._twice(entry.key, known[entry.key.text])
        own = tuple(entry for entry in child.entries if entry.key.text not in known)
        return Mapping((*base.entries, *own), child.span)

    def _rules(self, base: Sequence, child: Sequence) -> Sequence:
        items = list(base.items)
        places = {name: i for i, item in enumerate(items) if (name := rule_id(item)) is not None}
        replaced: dict[str, Scalar] = {}
        for item in child.items:
            target, own = _scalar(item, "replaces"), _scalar(item, "id")
            if target is None or not target.text:
                if own is not None and own.text in places:
                    first = replaced.get(own.text) or _scalar(items[places[own.text]], "id")
                    self._twice(own, first or own)
                items.append(item)
            elif target.text in replaced:
                self._twice(target, replaced[target.text])
            elif target.text in places:
                replaced[target.text] = target
                items[places[target.text]] = item
            else:
                self._no_such(target, sorted(places), ("replace", "替换"))
                items.append(item)
        return Sequence(tuple(items), child.span)

    def _twice(self, second: Scalar, first: Scalar) -> None:
        label = declared_first(second.text, first.span)
        self._diagnostics.add(
            codes.DUPLICATE_ID, second.span, labels=(label,), id=shown(second.text)
        )


def _is_value(section: Sequence) -> bool:
    """Whether a list says one thing, such as business hours, which is then said anew."""
    return bool(section.items) and all(isinstance(item, Scalar) for item in section.items)


def declared_first(name: str, span: Span) -> Label:
    """The label at the first of two declarations of a name."""
    seen = shown(name)
    return Label(span, f"`{seen}` is declared here first", f"`{seen}` 首次声明于此")


def _declared(entry: Entry) -> Iterator[tuple[str, Span]]:
    """What a section of the base declares, and where."""
    section = entry.value
    if entry.key.text in OWN_KEYS:
        return
    if isinstance(section, Mapping):
        yield from ((inner.key.text, inner.key.span) for inner in section.entries)
    elif isinstance(section, Sequence):
        ids = (_scalar(item, "id") for item in section.items)
        yield from ((scalar.text, scalar.span) for scalar in ids if scalar is not None)


def _without(section: Node, dropped: set[str]) -> Node:
    if isinstance(section, Mapping):
        return Mapping(tuple(e for e in section.entries if e.key.text not in dropped), section.span)
    if isinstance(section, Sequence):
        return Sequence(tuple(i for i in section.items if rule_id(i) not in dropped), section.span)
    return section


def rule_id(item: Node) -> str | None:
    """The id of a rule node."""
    scalar = _scalar(item, "id")
    return None if scalar is None else scalar.text


def _scalar(item: Node, key: str) -> Scalar | None:
    node = item.get(key) if isinstance(item, Mapping) else None
    return node if isinstance(node, Scalar) else None

"""From a ruleset's folder to one merged document per version.

A document is the top-level mapping of a version file. `extends` merges the
sections of another document into it: rules are added, replaced by `replaces`, and
dropped by `without`; the same id without either is an error that shows both places.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingABC
from pathlib import Path

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, Label, nearest
from kaocheng.language import codes
from kaocheng.syntax import Entry, Mapping, Node, Scalar, Sequence
from kaocheng.syntax import read as read_yaml

# Keys of the top level that a version does not take over from what it extends.
OWN_KEYS = ("kaocheng", "ruleset", "version", "title", "cite", "effective", "extends", "without")


@frozen(kw_only=True)
class Document:
    """One version as written, with everything it extends merged in."""

    path: Path
    root: Mapping

    def node(self, key: str) -> Node | None:
        """The value of a top-level key."""
        return self.root.get(key)


def version_files(folder: Path) -> tuple[Path, ...]:
    """The version files of a ruleset, or the one file that was named."""
    if folder.is_file():
        return (folder,)
    return tuple(sorted((folder / "versions").glob("*.yaml")))


def read_document(
    path: Path,
    diagnostics: Diagnostics,
    *,
    installed: Callable[[str], Path | None],
    seen: tuple[Path, ...] = (),
) -> Document | None:
    """The document of a version file, merged with what it extends; None if it cannot be read."""
    parsed = read_yaml(path)
    diagnostics.extend(parsed.diagnostics)
    if not isinstance(parsed.root, Mapping):
        return None
    base = _base(path, parsed.root, diagnostics, installed=installed, seen=(*seen, path))
    root = parsed.root if base is None else _merge(base.root, parsed.root, diagnostics)
    return Document(path=path, root=root)


def _base(
    path: Path,
    root: Mapping,
    diagnostics: Diagnostics,
    *,
    installed: Callable[[str], Path | None],
    seen: tuple[Path, ...],
) -> Document | None:
    node = root.get("extends")
    if not isinstance(node, Scalar):
        return None
    target = _target(path, node, diagnostics, installed=installed)
    if target is None:
        return None
    if target in seen:
        diagnostics.add(codes.EXTENDS_CYCLE, node.span, seen=node.text)
        return None
    return read_document(target, diagnostics, installed=installed, seen=seen)


def _target(
    path: Path, node: Scalar, diagnostics: Diagnostics, *, installed: Callable[[str], Path | None]
) -> Path | None:
    name, _, version = node.text.partition("/")
    package = installed(name) if version else None
    folder = path.parent if package is None else package / "versions"
    wanted = node.text if package is None else version
    target = (folder / (wanted if wanted.endswith(".yaml") else f"{wanted}.yaml")).resolve()
    if not target.is_relative_to(folder.resolve()):
        diagnostics.add(codes.EXTENDS_OUTSIDE, node.span, seen=node.text)
        return None
    if not target.is_file():
        known = [other.stem for other in folder.glob("*.yaml")]
        diagnostics.add(
            codes.EXTENDS_MISSING, node.span, seen=node.text, suggestion=nearest(node.text, known)
        )
        return None
    return folder / target.name


def _merge(base: Mapping, child: Mapping, diagnostics: Diagnostics) -> Mapping:
    dropped = _dropped(base, child, diagnostics)
    entries = [
        entry
        for entry in child.entries
        if base.get(entry.key.text) is None or entry.key.text in OWN_KEYS
    ]
    for entry in base.entries:
        if entry.key.text in OWN_KEYS:
            continue
        own = child.get(entry.key.text)
        value = _without(entry.value, dropped)
        if own is None:
            entries.append(Entry(entry.key, value))
        else:
            entries.append(Entry(entry.key, _merge_section(value, own, diagnostics)))
    return Mapping(tuple(entries), child.span)


def _dropped(base: Mapping, child: Mapping, diagnostics: Diagnostics) -> set[str]:
    node = child.get("without")
    if not isinstance(node, Sequence):
        return set()
    known = {name for entry in base.entries for name in _names(entry.value)}
    for item in node.items:
        if isinstance(item, Scalar) and item.text not in known:
            diagnostics.add(
                codes.NO_SUCH_RULE, item.span, seen=item.text, suggestion=nearest(item.text, known)
            )
    return {item.text for item in node.items if isinstance(item, Scalar)}


def _names(section: Node) -> set[str]:
    if isinstance(section, Mapping):
        return {entry.key.text for entry in section.entries}
    if isinstance(section, Sequence):
        return {name for item in section.items if (name := rule_id(item)) is not None}
    return set()


def _without(section: Node, dropped: set[str]) -> Node:
    if isinstance(section, Mapping):
        return Mapping(tuple(e for e in section.entries if e.key.text not in dropped), section.span)
    if isinstance(section, Sequence):
        return Sequence(tuple(i for i in section.items if rule_id(i) not in dropped), section.span)
    return section


def _merge_section(base: Node, child: Node, diagnostics: Diagnostics) -> Node:
    if isinstance(base, Mapping) and isinstance(child, Mapping):
        return _merge_names(base, child, diagnostics)
    if isinstance(base, Sequence) and isinstance(child, Sequence):
        return _merge_rules(base, child, diagnostics)
    return child


def _merge_names(base: Mapping, child: Mapping, diagnostics: Diagnostics) -> Mapping:
    known = {entry.key.text: entry.key for entry in base.entries}
    for entry in child.entries:
        if entry.key.text in known:
            _twice(entry.key.text, entry.key, known[entry.key.text], diagnostics)
    return Mapping((*base.entries, *child.entries), child.span)


def _merge_rules(base: Sequence, child: Sequence, diagnostics: Diagnostics) -> Sequence:
    items = list(base.items)
    by_id: MappingABC[str | None, int] = {rule_id(item): i for i, item in enumerate(items)}
    for item in child.items:
        replaced = _scalar(item, "replaces")
        own = rule_id(item)
        if replaced is not None:
            if replaced.text in by_id:
                items[by_id[replaced.text]] = item
            else:
                known = [name for name in by_id if name]
                diagnostics.add(
                    codes.NO_SUCH_RULE,
                    replaced.span,
                    seen=replaced.text,
                    suggestion=nearest(replaced.text, known),
                )
            continue
        if own is not None and own in by_id:
            first, second = _scalar(items[by_id[own]], "id"), _scalar(item, "id")
            if first is not None and second is not None:
                _twice(own, second, first, diagnostics)
        items.append(item)
    return Sequence(tuple(items), child.span)


def _twice(name: str, second: Scalar, first: Scalar, diagnostics: Diagnostics) -> None:
    label = Label(first.span, f"`{name}` is declared here first", f"`{name}` 首次声明于此")
    diagnostics.add(codes.DUPLICATE_ID, second.span, labels=(label,), id=name)


def rule_id(item: Node) -> str | None:
    """The id of a rule node."""
    scalar = _scalar(item, "id")
    return None if scalar is None else scalar.text


def _scalar(item: Node, key: str) -> Scalar | None:
    node = item.get(key) if isinstance(item, Mapping) else None
    return node if isinstance(node, Scalar) else None

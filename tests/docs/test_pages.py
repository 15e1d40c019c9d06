"""The runner of the pages itself: what it finds, and what it would not let pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import fences, files, refreshed, rulesets

PAGE = """\
Text.

```yaml
ruleset: one
version: "2024"
```

```yaml broken
ruleset: two
version: 2024.1 # of April
```

```yaml scenario
scenarios: []
```

```csv table.csv
a,b
```

```python
print("printed ")
```

```text
stale
```

```console exit=2
$ kaocheng check nothing
stale
```
"""


def test_fences_have_their_kind_and_line() -> None:
    """A fence is known by its language and its marks, and by the line of its text."""
    assert [
        ("yaml", 4),
        ("yaml broken", 9),
        ("yaml scenario", 14),
        ("csv", 18),
        ("python", 22),
        ("text", 26),
        ("console", 30),
    ] == [(fence.kind, fence.line) for fence in fences(PAGE)]


def test_fences_become_files() -> None:
    """Versions and scenarios lie where the command line looks for them."""
    assert [
        "one/versions/2024.yaml",
        "two/versions/2024.1.yaml",
        "two/scenarios/line_14.yaml",
        "table.csv",
    ] == [str(path) for path in files(PAGE)]


def test_a_file_stands_on_a_page_once() -> None:
    """Two fences of one version would hide each other."""
    with pytest.raises(ValueError, match=r"line 9: `one/versions/2024\.yaml` stands on the page"):
        files(PAGE.replace("two\nversion: 2024.1 # of April", 'one\nversion: "2024"'))


def test_rulesets_by_what_is_done_with_them() -> None:
    """A scenario belongs to the ruleset above it."""
    assert ["one"] == rulesets(PAGE, "yaml")
    assert ["two"] == rulesets(PAGE, "yaml scenario")


def test_output_is_printed_again(tmp_path: Path) -> None:
    """Stale output is replaced; spaces at the ends of lines are not part of it."""
    page = refreshed(PAGE, tmp_path)

    assert "```text\nprinted\n```\n" in page
    assert "$ kaocheng check nothing\nerror: no ruleset `nothing` is installed" in page


def test_another_exit_code_fails(tmp_path: Path) -> None:
    """A command that ends otherwise than the page says is no example."""
    with pytest.raises(AssertionError, match="line 30: exit code 2, not 0"):
        refreshed(PAGE.replace(" exit=2", ""), tmp_path)


def test_only_our_commands_run(tmp_path: Path) -> None:
    """A page cannot run anything but `kaocheng`."""
    with pytest.raises(ValueError, match=r"not a command of ours: \$ rm -r x"):
        refreshed(PAGE.replace("kaocheng check nothing", "rm -r x"), tmp_path)


def test_how_long_it_took_does_not_matter(tmp_path: Path) -> None:
    """Milliseconds differ from run to run, and a page keeps those it has."""
    page = "```python\nprint('proved (12 ms)')\n```\n\n```text\nproved (7 ms)\n```\n"

    assert page == refreshed(page, tmp_path)

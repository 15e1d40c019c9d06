"""Limits that no calendar holds do not stop the strategies."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from kaocheng import Host, assess
from kaocheng.testing import Timeline, timelines

RULESET = """\
kaocheng: 1
ruleset: long
version: "1"
effective: {{from: open}}
time_zone: America/New_York

kinds:
  file:
    fields:
      opened_at: {{at: open}}
      closed_at: {{at: close}}

deadlines:
  - id: kept
    clause: a
    for: file as f
    starts: f.opened_at
    within: {limit}
    met_at: f.closed_at
"""


@pytest.mark.parametrize("limit", ["99999 years", "999999999 days"])
def test_a_limit_may_begin_before_all_calendars(tmp_path: Path, host: Host, limit: str) -> None:
    """Journals are generated, and what falls due after the year 9999 is undetermined."""
    path = tmp_path / "long.yaml"
    path.write_text(RULESET.format(limit=limit))
    ruleset = host.load(path)

    @settings(
        max_examples=20,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(timelines(ruleset))
    def generated(timeline: Timeline) -> None:
        statuses = {
            row["status"]
            for row in assess(ruleset, timeline.journal, as_of=timeline.as_of).rows("kept")
        }
        assert statuses <= {None, "not_begun", "open", "met"}

    generated()

"""How an audit reads what there was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kaocheng.stores import SqlStore
from kaocheng.stores.past import _AFTER, _LINES_UNTIL

if TYPE_CHECKING:
    import sqlalchemy as sa


@pytest.mark.parametrize("query", [_LINES_UNTIL, _AFTER], ids=["until", "after"])
def test_events_of_a_case_are_found_by_the_case(query: sa.Select[str]) -> None:
    """By the positions of the tenant, an audit would read the whole journal for each message."""
    values = {"tenant": "default", "case": "report/1", "cases": ["report/1"]}
    store = SqlStore.open()
    with store.engine.connect() as connection:
        text = query.params(values | {"until": 5, "after": 5}).compile(
            store.engine, compile_kwargs={"render_postcompile": True, "literal_binds": True}
        )
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()

    assert "kaocheng_events_case (tenant=? AND case=?)" in plan[0][3]
    store.close()

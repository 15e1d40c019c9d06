"""Why an event is refused: every reason with its English and Chinese text, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kaocheng.journal.texts import Message

_ALL = (
    # about the event and the state of its case
    Message(
        "unknown_event",
        "`{kind}` has no event `{event}`{hint}",
        "`{kind}` 没有事件 `{event}`{hint}",
    ),
    Message(
        "wrong_state",
        "`{event}` is possible only in {sources}, and the case is in `{state}`",
        "`{event}` 只能在 {sources} 状态下办理，本事项现处于 `{state}`",
    ),
    Message(
        "repeated",
        "`{event}` has happened already and does not repeat",
        "`{event}` 已办理过，不得重复办理",
    ),
    # about who acts
    Message(
        "no_role",
        "`{event}` needs the role {roles}, and `{actor}` has {held}",
        "办理 `{event}` 须具备角色 {roles}，而 `{actor}` {held}",
    ),
    Message(
        "no_actor",
        "`{event}` needs the role {roles}, and nobody is named as acting",
        "办理 `{event}` 须具备角色 {roles}，而未注明办理人",
    ),
    # about the guard
    Message(
        "guard_false",
        "`{event}` requires `{guard}`, which is false{readings}",
        "办理 `{event}` 的条件 `{guard}` 不成立{readings}",
    ),
    Message(
        "guard_unknown",
        "`{event}` requires `{guard}`, which is unknown{readings}",
        "办理 `{event}` 的条件 `{guard}` 无法判断{readings}",
    ),
    # about reading
    Message(
        "no_readers",
        "nobody may read cases of `{kind}`: the ruleset names no readers of them",
        "`{kind}` 未规定可查阅者，任何人不得查阅",
    ),
    Message(
        "reader_role",
        "reading needs the role {roles}, and `{actor}` has {held}",
        "查阅须具备角色 {roles}，而 `{actor}` {held}",
    ),
    Message(
        "reader_no_actor",
        "reading needs the role {roles}, and nobody is named as reading",
        "查阅须具备角色 {roles}，而未注明查阅人",
    ),
    Message(
        "reader_false",
        "reading requires `{guard}`, which is false{readings}",
        "查阅的条件 `{guard}` 不成立{readings}",
    ),
    Message(
        "reader_unknown",
        "reading requires `{guard}`, which is unknown{readings}",
        "查阅的条件 `{guard}` 无法判断{readings}",
    ),
    Message(
        "reader_barred",
        "`{guard}` bars from reading{readings}",
        "有 `{guard}` 的情形，不得查阅{readings}",
    ),
    Message(
        "reader_barred_unknown",
        "`{guard}` would bar from reading and is unknown{readings}",
        "有 `{guard}` 的情形即不得查阅，而是否如此无法判断{readings}",
    ),
    Message(
        "reader_barred_role",
        "the role {roles} is barred from reading",
        "角色 {roles} 不得查阅",
    ),
    # about the case and the call
    Message(
        "unknown_kind",
        "the ruleset has no kind `{kind}`{hint}",
        "规则集没有类别 `{kind}`{hint}",
    ),
    Message(
        "bad_case",
        "the case `{case}` does not begin with its kind, as `report/2009-0131` does",
        "事项编号 `{case}` 未以类别开头，应如 `report/2009-0131`",
    ),
    Message("bad_argument", "`{key}` {why}", "`{key}` {why}"),
    Message("bad_time", "{why}", "{why}"),
    Message(
        "ahead",
        "`{key}` is {at}, more than a day after it is recorded ({recorded_at});"
        " check the date: an event is recorded once it has happened",
        "`{key}` 为 {at}，晚于记录时间（{recorded_at}）一日以上；请核对日期：事件应在发生之后记录",
    ),
    Message(
        "no_version",
        "no version of the ruleset is in force at {at}, when `{case}` was opened",
        "`{case}` 立项时（{at}）没有有效的规则版本",
    ),
    Message(
        "unknown_data",
        "`{event}` carries no `{key}`{hint}",
        "`{event}` 不带 `{key}` 一项{hint}",
    ),
    Message("bad_data", "`{key}`: {why}", "`{key}`：{why}"),
    Message(
        "bad_correction",
        "event {sequence} cannot be corrected: the case has {count}, and none of that number",
        "无法更正第 {sequence} 号事件：本事项共有 {count}，其中没有此号",
    ),
    Message(
        "not_correctable",
        "event {sequence} cannot be corrected: the engine itself recorded `{event}`;"
        " correct the act that brought it about",
        "无法更正第 {sequence} 号事件：`{event}` 由引擎自行记录；请更正引起它的那次办理",
    ),
    Message(
        "already_void",
        "event {sequence} is void; to have it back, void event {by}",
        "第 {sequence} 号事件已被作废；如需恢复，请作废第 {by} 号事件",
    ),
    Message("misfit", "{why}", "{why}"),
    # about what went on before
    Message("hole", "before it {missing} missing", "此前缺{missing}"),
    Message(
        "changed_meanwhile",
        "the case changed meanwhile: its last event is {seen}, and {expected} was expected",
        "本事项在此期间已有变动：末条事件为第 {seen} 号，预期为第 {expected} 号",
    ),
    Message(
        "gone_over",
        "`{case}` went over to another text of the ruleset by event {sequence}; start this engine"
        " with that text",
        "`{case}` 已经第 {sequence} 号事件改用规则集的另一文本，请以该文本重新启动本引擎",
    ),
    Message(
        "not_migrated",
        "`{case}` is under another text of the ruleset, a version with the hash `{hash}`; migrate"
        " it with `plan_migration` and `migrate`, or act by an engine of that text",
        "`{case}` 现适用规则集的另一文本（版本校验码 `{hash}`）；请先以 `plan_migration` 和"
        " `migrate` 迁移，或由该文本的引擎办理",
    ),
    Message(
        "parted",
        "`{case}` and `{parent}`, which reads it, are under two texts of the ruleset, so no engine"
        " may act on `{case}`; take both under the newer text with `plan_migration` and `migrate`",
        "`{case}` 与读取它的 `{parent}` 分别适用规则集的两个文本，任何引擎均不得办理 `{case}`；请以"
        " `plan_migration` 和 `migrate` 将二者一并迁移至较新文本",
    ),
    Message(
        "several_texts",
        "the circular would count cases under another text of the ruleset ({count}, the first is"
        " `{case}`); publish once all are under one text, by an engine of that text",
        "本通报将计入适用规则集另一文本的事项（共 {count} 件，首件为 `{case}`）；请待全部事项适用"
        "同一文本后，由该文本的引擎发布",
    ),
    Message(
        "already_published",
        "the period `{period}` was published by event {sequence} of `{case}`; what became known"
        " later stands in the next circular, and one that is withdrawn is published anew once that"
        " event is void",
        "周期 `{period}` 已由 `{case}` 第 {sequence} 号事件发布；其后获知的情况由下期通报更正，"
        "原通报撤回的，作废该事件后方可重新发布",
    ),
    Message(
        "other_days",
        "the act says that it publishes `{first}` to `{last}`, but the period `{period}` is"
        " `{period_first}` to `{period_last}`; give the days of that period, or publish another",
        "本次办理所载通报起止日期为 `{first}` 至 `{last}`，而周期 `{period}` 为 `{period_first}` 至"
        " `{period_last}`；请改正起止日期，或改发与之相符的周期",
    ),
    Message(
        "known_later",
        "the act says that its circular is of what is known at `{known_at}`, which is after it"
        " (`{at}`); publish it then, or give a time that has come",
        "本次办理所载获知截止时间 `{known_at}` 晚于办理时间 `{at}`；请届时再发布，或改填已到的时间",
    ),
    Message(
        "key_reused",
        "the idempotency key `{key}` was used for another act",
        "幂等键 `{key}` 已用于另一次办理",
    ),
)

MESSAGES: Mapping[str, Message] = MappingProxyType({message.name: message for message in _ALL})
"""Every message by the code of its refusal."""

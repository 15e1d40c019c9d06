"""Wrong use of options and arguments, said in Chinese where that is asked for."""

from __future__ import annotations

import re
import sys

import typer

WRONG_USE = 2
"""The exit code."""

# The root of what typer raises about options and arguments, wherever it keeps it.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

# What typer says, and the same in Chinese.
_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"No such command '(?P<a>.*?)'\.(?P<more>.*)", "没有命令 `{a}`{more}"),
    (r"No such option: (?P<a>\S+?)(?P<more>[ .].*|)", "没有选项 `{a}`{more}"),
    (r"Missing argument '(?P<a>[^']*)'.*", "缺少参数 `{a}`"),
    (r"Missing option '(?P<a>\S+?)[ '].*", "缺少选项 `{a}`"),
    (r"Option '(?P<a>[^']*)' requires an argument\.", "选项 `{a}` 须带一个值"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<a>.*)\)", "多出了参数 `{a}`"),
    (
        r"Invalid value for '(?P<a>[^' ]*).*?': '?(?P<b>.*?)'? is not one of (?P<c>.*)\.",
        "选项 `{a}` 的值 `{b}` 不在可用之列：{c}",
    ),
    (
        r"Invalid value for '(?P<a>[^' ]*).*?': Input should be greater than or equal to (?P<b>.*)",
        "选项 `{a}` 的值不得小于 {b}",
    ),
    (
        r"Invalid value for '(?P<a>[^' ]*).*?': (?P<b>\S+) is not in the range x>=(?P<c>\S+?)\.",
        "选项 `{a}` 的值不得小于 {c}",
    ),
    (r"Invalid value for '(?P<a>[^' ]*).*?': .*integer.*", "选项 `{a}` 的值应为整数"),
    (r"Invalid value for '(?P<a>[^' ]*).*?': .*(?:number|float).*", "选项 `{a}` 的值应为数字"),
    (r"Invalid value for '(?P<a>[^' ]*).*?': (?P<b>.*)", "选项 `{a}` 的值无效：{b}"),
)
# How some versions of typer begin what a value is.
_NOISE = "Value error, "


def report_usage(error: Exception, *, language: str) -> None:
    """Say what is wrong on standard error."""
    context = getattr(error, "ctx", None)
    message = error.format_message().replace(_NOISE, "")  # type: ignore[attr-defined]
    if context is None or type(error).__name__ == "NoArgsIsHelpError":
        error.show()  # type: ignore[attr-defined]
        return
    usage = context.get_usage().removeprefix("Usage: ")
    if language == "zh":
        sys.stderr.write(f"用法：{usage}\n用 `{context.command_path} --help` 查看说明。\n\n")
        sys.stderr.write(f"错误：{in_chinese(message)}\n")
    else:
        sys.stderr.write(f"Usage: {usage}\nTry '{context.command_path} --help' for help.\n\n")
        sys.stderr.write(f"Error: {message}\n")


def in_chinese(message: str) -> str:
    """A sentence of typer in Chinese; one that is not known stays as it is."""
    for pattern, sentence in _SENTENCES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            parts = found.groupdict()
            parts["more"] = _suggested(parts.get("more") or "")
            parts["c"] = re.sub(r"'([^']*)'(, )?", r"`\1`、", parts.get("c") or "").rstrip("、")
            return sentence.format(**parts)
    return message


def _suggested(text: str) -> str:
    """The names that typer suggests, in any of the ways in which its versions do so."""
    names = re.findall(r"(--?[\w-]+|'[\w-]+')", text)
    return f"；是否想写 `{names[0].strip(chr(39))}`" if names else ""

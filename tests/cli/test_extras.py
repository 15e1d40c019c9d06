"""A package that is not installed is named with what to install, by every use that needs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from kaocheng import Host

WITHOUT = """
import sys
for name in sys.argv[1].split():
    sys.modules[name] = None
from kaocheng.cli.app import run
run(sys.argv[2:])
"""
SAMPLE = "sample"
USES: Mapping[str, tuple[str, tuple[str, ...], str, str]] = {
    "columns": (
        "ibis duckdb",
        ("assess", "wuhu-information", SAMPLE, "--evaluator", "columns"),
        "the evaluator `columns` needs `ibis`, which is not installed; install `kaocheng[columns]`",
        "求值器 `columns` 需要 `ibis`，尚未安装；请安装 `kaocheng[columns]`",
    ),
    "xlsx": (
        "openpyxl",
        (
            *("bulletin", "wuhu-information", SAMPLE, "--period", "2009-03"),
            *("--format", "xlsx", "--output", "a.xlsx"),
        ),
        "a workbook needs `openpyxl`, which is not installed; install `kaocheng[xlsx]`",
        "生成工作簿需要 `openpyxl`，尚未安装；请安装 `kaocheng[xlsx]`",
    ),
    "cel": (
        "cel_expr_python",
        ("check", "wuhu-information"),
        "reading a ruleset needs `cel_expr_python`, which is not installed; install"
        " `cel-expr-python`, or take a file that `kaocheng compile` saved",
        "读取规则集需要 `cel_expr_python`，尚未安装；请安装 `cel-expr-python`，"
        "或改用 `kaocheng compile` 保存的文件",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", USES)
def test_a_missing_package_is_named(host: Host, tmp_path: Path, name: str, language: str) -> None:
    """One sentence in the language asked for, exit code 1, and nothing is written."""
    missing, arguments, english, chinese = USES[name]
    (sample,) = (host.find("wuhu-information") / "sample").glob("*.jsonl")
    given = [str(sample) if argument == SAMPLE else argument for argument in arguments]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, missing, *given, "--lang", language],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
    )
    said = f"错误：{chinese}\n" if language == "zh" else f"error: {english}\n"

    assert (1, "", said) == (done.returncode, done.stdout, done.stderr)
    assert not list(tmp_path.iterdir())

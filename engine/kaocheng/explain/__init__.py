"""Why a result is what it is, and why one is not there: in Chinese and English."""

from __future__ import annotations

from kaocheng.explain.explaining import explain
from kaocheng.explain.model import Explanation, Line

__all__ = ["Explanation", "Line", "explain"]

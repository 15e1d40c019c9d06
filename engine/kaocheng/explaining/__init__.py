"""Why a result is what it is, and why one is not there: in Chinese and English."""

from __future__ import annotations

from kaocheng.explaining.cases import explain
from kaocheng.explaining.model import Explanation, Line

__all__ = ["Explanation", "Line", "explain"]

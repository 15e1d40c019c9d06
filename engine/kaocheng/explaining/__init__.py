"""Why a result is what it is, and why one is not there: in Chinese and English."""

from __future__ import annotations

from kaocheng.explaining.cases import explain
from kaocheng.explaining.hiding import hidden
from kaocheng.explaining.model import Explanation, Line
from kaocheng.explaining.undetermined import Undetermined, undetermined

__all__ = ["Explanation", "Line", "Undetermined", "explain", "hidden", "undetermined"]

"""Packages that only some uses need: what is said where one of them is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kaocheng.errors import KaochengError


class MissingPackageError(KaochengError):
    """A use needs a package that is not installed; `zh` says so in Chinese."""

    def __init__(self, use: tuple[str, str], package: str, way_out: tuple[str, str]) -> None:
        self.package = package
        self.zh = f"{use[1]}需要 `{package}`，尚未安装；{way_out[1]}"
        super().__init__(f"{use[0]} needs `{package}`, which is not installed; {way_out[0]}")


@contextmanager
def needing(use: tuple[str, str], extra: str, *modules: str) -> Iterator[None]:
    """Imports for a use, named in English and Chinese, whose packages an extra installs."""
    install = f"`kaocheng[{extra}]`"
    with needing_package(use, modules, (f"install {install}", f"请安装 {install}")):
        yield


@contextmanager
def needing_package(
    use: tuple[str, str], modules: tuple[str, ...], way_out: tuple[str, str]
) -> Iterator[None]:
    """Imports for a use; one of `modules` that is missing is named with the way out."""
    try:
        yield
    except ModuleNotFoundError as error:
        found = (error.name or "").partition(".")[0]
        if found not in modules:
            raise
        raise MissingPackageError(use, error.name or found, way_out) from None

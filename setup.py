"""Builds the scanner in C, where a C compiler is. All else about the package is told in pyproject.toml."""

from __future__ import annotations

import logging
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

NAME = "pipelines.parsing.scanner._native"
SOURCES = Path("pipelines/parsing/scanner/native")


class OptionalLibrary(build_ext):
    """A plain shared library, loaded by ctypes. Relais reads without it, only slower."""

    def build_extension(self, ext: Extension) -> None:
        super().build_extension(ext)
        self.announce("relais: the native scanner is built", level=logging.INFO)

    def run(self) -> None:
        super().run()
        if not all(Path(output).is_file() for output in self.get_outputs()):
            told = "relais: no native scanner, as there is no working C compiler; Python reads instead"
            self.announce(told, level=logging.WARNING)


setup(
    ext_modules=[
        Extension(
            NAME,
            sources=sorted(str(path) for path in SOURCES.glob("*.c")),
            depends=["setup.py", *sorted(str(path) for path in SOURCES.glob("*.h"))],
            extra_compile_args=["-std=c11", "-O3", "-fvisibility=hidden"],
            optional=True,
        )
    ],
    cmdclass={"build_ext": OptionalLibrary},
)

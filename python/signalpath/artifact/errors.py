"""Why an artefact was refused."""

from __future__ import annotations


class ModelFileError(Exception):
    """``code`` is one of the stable codes of the format, the same ones the gateway answers."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code}: {super().__str__()}"

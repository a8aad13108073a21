"""Until the intake has landed."""

try:
    from diptych_server.intake.doors import Doors
except ModuleNotFoundError:
    from typing import Any

    class Doors:
        def __init__(self, *a: Any) -> None: ...
        @staticmethod
        def serves(path: str) -> bool:
            return False

        async def __call__(self, *a: Any) -> None: ...

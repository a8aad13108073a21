"""Whatever happens on the way to the store, every endpoint answers what happened: once, whole, in order.

Hypothesis draws whole scenarios and brings them through the real doors of a real server: split, merged,
shuffled and repeated, and looked at in between. A model in plain Python says what each endpoint must answer.
"""

import os
import time
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .answers import Reader, check_answers, exact_part, expected_answers, measured_order
from .delivery import Deliverer
from .explore_model import questions
from .model import Model
from .project import new_project
from .scenario import Scenario
from .strategies import scenarios

if TYPE_CHECKING:
    from server.tests.conftest import RunningServer

EXAMPLES = int(os.environ.get("HOLDS_EXAMPLES", "6"))
"""How many scenarios one run draws; `make soak` draws new ones for as long as it is told."""

IS_SOAK = "HOLDS_EXAMPLES" in os.environ

SHRINKS = "HOLDS_SHRINK" in os.environ
"""Whether a failure is made small: it takes minutes, since every try goes through a real server."""

AGO_MS = 10 * 60_000
"""How long ago a scenario began: all of it is over, and none of it is old."""

orders = st.integers(0, 2**16)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not IS_SOAK,
    database=None,
    print_blob=True,
    phases=[Phase.generate, *([Phase.shrink] if SHRINKS else [])],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(scenarios(), orders, orders)
def test_any_order_and_any_repeats_give_the_same_answers(
    server: "RunningServer", scenario: Scenario, first_order: int, second_order: int
) -> None:
    began_ms = time.time_ns() // 1_000_000 - AGO_MS
    model = Model(scenario, began_ms)
    expected, asked = expected_answers(model), questions(model)
    with new_project(server.url, server.data) as project:
        reader = Reader(project, began_ms)
        look = partial(reader.glance, asked)
        Deliverer(scenario, began_ms, first_order).deliver(project, look)
        once = reader.read(scenario) | reader.explore(asked)
        check_answers(once, expected)

        Deliverer(scenario, began_ms, second_order).deliver(project, look)
        twice = reader.read(scenario) | reader.explore(asked)
        check_answers(twice, expected)
        assert _exact(twice, expected) == _exact(once, expected)


def _exact(found: dict[str, object], expected: dict[str, object]) -> dict[str, object]:
    """What must not have changed; lists in the order of times that may move are left out."""
    return {path: exact_part(found[path], expected[path]) for path in expected if not measured_order(path)}

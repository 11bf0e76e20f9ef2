"""One option for all tests, and the signals that they send."""

import gc
import signal

import pytest
from hypothesis import HealthCheck, Phase, settings

# A busy machine makes any example slow: no test judges a time.
settings.register_profile(
    "without a clock",
    parent=settings(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("without a clock")
# What `make check` takes, by --hypothesis-profile; every number of `examples` becomes a tenth.
settings.register_profile("quick", parent=settings(), max_examples=10)
# To search for longer, by hand: ten times as many examples, and none is made smaller.
settings.register_profile(
    "long",
    parent=settings(),
    max_examples=1000,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        default=False,
        help="write what came out into the files of tests/golden, instead of comparing",
    )


def pytest_configure() -> None:
    """Signals as a terminal has them: what runs in the background under nohup may ignore some, its
    children too, and tests send them."""
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_finish() -> None:
    """The garbage collector need not look through thousands of collected tests again and again."""
    gc.collect()
    gc.freeze()

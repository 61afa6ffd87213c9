import pytest

pytest.register_assert_rewrite("harness")

from harness import Server  # noqa: E402


@pytest.fixture(scope="module")
def running_server():
    """One server with the default configuration for all the tests of a file."""
    with Server() as running:
        yield running


@pytest.fixture
def server(running_server):
    seen = len(running_server.output)
    yield running_server
    print("".join(running_server.output[seen:]))

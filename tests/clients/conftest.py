"""Every scenario for every client, and one table at the end."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "process"))
for module in ("harness", "waiting", "rules", "driver", "stage"):
    pytest.register_assert_rewrite(module)

import adapters  # noqa: E402
import stage as stages  # noqa: E402
from table import Table  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also what takes minutes, and the two shows")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; only with --long")
    config.table = Table(Path(os.environ.get("TROUPE_CLIENTS_TABLE", adapters.BUILD / "clients")))


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", adapters.wanted(), scope="session")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[each for each in items if each.get_closest_marker("long")])
        items[:] = [each for each in items if not each.get_closest_marker("long")]


@pytest.fixture
def setting(name):
    """Makes the stage of a scenario: `with setting(options of the server) as stage:`."""
    return lambda *options, **more: stages.Stage(name, *options, **more)


@pytest.fixture
def stage(setting):
    """The usual one: everything open, and nothing to configure."""
    with setting() as standing:
        yield standing


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if "name" in getattr(item, "fixturenames", ()):
        others = [str(value) for key, value in item.callspec.params.items() if key != "name"]
        title = item.originalname.removeprefix("test_").replace("_", " ")
        item.config.table.note(item.callspec.params["name"], item.path.stem.removeprefix("test_"),
                               " · ".join([title, *others]), report)


def pytest_terminal_summary(terminalreporter, config):
    if config.table.parts:
        terminalreporter.section("clients")
        terminalreporter.write(config.table.save())
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    broken = [(dict(each.user_properties)["caught_by"], each.outcome) for each in reports
              if each.when == "call" and "caught_by" in dict(each.user_properties)]
    if broken:
        terminalreporter.section("broken clients, and what must catch them")
    for (what, scenario), outcome in broken:
        caught = "caught" if outcome == "passed" else "NOT CAUGHT"
        terminalreporter.write_line(f"{caught:<12}{what:<42}{scenario}")

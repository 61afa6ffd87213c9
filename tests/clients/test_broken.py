"""Each client of broken/mutations.py is caught, by the scenario that says so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import adapters
import pytest
from broken.mutations import MUTATIONS

pytestmark = pytest.mark.skipif("js" not in adapters.wanted(), reason="it is the JavaScript client that is broken")
FOLDER = Path(__file__).parent
CLIENT = adapters.SOURCE_DIR / "clients/js"
NOT_LIKE_THAT = re.compile("SyntaxError|ReferenceError|is not defined|is not built")
PATIENCE = "4"  # seconds until a wait fails: what is broken is not worth more


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The client as one file, without minification."""
    sources = Path(os.environ.get("TROUPE_CLIENT_JS_SOURCES", CLIENT))
    file = tmp_path_factory.mktemp("client") / "troupe.mjs"
    subprocess.run([sources / "node_modules/.bin/esbuild", sources / "src/index.ts", "--bundle", "--format=esm",
                    "--log-level=error", f"--outfile={file}"], check=True)
    return file


def play(scenario, module, folder):
    """Runs one scenario with this client: (exit code, what was printed)."""
    file, _, test = scenario.partition("::")
    if "[" not in test:
        test += "[js]"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{file}::{test}"], cwd=FOLDER,
        env={**os.environ, "TROUPE_CLIENTS": "js", "TROUPE_CLIENT_JS": str(module), "TROUPE_PATIENCE": PATIENCE,
             "TROUPE_CLIENTS_TABLE": str(folder / "table")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.returncode, ran.stdout


@pytest.mark.long  # the scenarios of the client as it is built are tests of their own
@pytest.mark.parametrize("scenario", sorted({each.caught_by for each in MUTATIONS}))
def test_unbroken(built, tmp_path, scenario):
    """Otherwise the next test would prove nothing."""
    code, printed = play(scenario, built, tmp_path)
    assert code == 0, printed


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.what)
def test_broken(built, tmp_path, mutation, record_property):
    record_property("caught_by", (mutation.what, mutation.caught_by))
    module = tmp_path / "troupe.mjs"
    module.write_text(mutation.apply(built.read_text()))
    subprocess.run([adapters.NODE, "--check", module], check=True)
    code, printed = play(mutation.caught_by, module, tmp_path)
    assert code == 1, f"not caught: {mutation.what}\n{printed}"
    assert not NOT_LIKE_THAT.search(printed), f"broken in another way than it should be\n{printed}"

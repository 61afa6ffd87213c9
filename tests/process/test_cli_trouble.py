"""`troupe chat`, `sub` and `pub`, where others write odd things, and the shell or the disk is not as it should be."""


import pytest
from commands import run
from harness import Server



@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.mark.parametrize("line, why", [
    ('{"a":1,"a":2}', "second time"),
    ("[" * 64 + "]" * 64, "nested too deeply"),
    ("1" * 65, "number too long")])
def test_pub_ends_at_a_line_that_is_refused(server, line, why):
    code, printed, said = run("pub", server.url(), "refused", "--json", given=f"1\n{line}\n2\n")
    assert (code, len(printed.splitlines())) == (1, 1)
    assert "not published: bad_json" in said
    assert why in said

"""Cross checks as whole commands list and print them."""

import json

from command_tests import Types


def test_bare_name_lists_the_cross_check_of_a_system_that_no_engine_runs(types: Types) -> None:
    found = types("jobs", "daemon/openbsd-7.8", "--json")
    assert found.code == 0, found.err
    job = json.loads(found.out)
    assert (job["job"], job["cross"]) == ("daemon/openbsd-7.8/cross", "OpenBSD 7.8")
    assert "compiles and links only" in types("jobs", "daemon/openbsd-7.8").out

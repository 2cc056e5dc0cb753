import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

WITHOUT_NAME = """
import os, pwd
from commands.user import user_name
os.setgroups([])
os.setgid(54321)
os.setuid(54321)
print(user_name())
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="takes root to become another user")
def test_an_account_without_a_name_goes_by_its_number() -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", WITHOUT_NAME], env=bare, capture_output=True, text=True, check=True)

    assert ran.stdout == "user 54321\n"

"""A migrated, empty database, made once a run and copied by whoever needs one: migrating takes seconds, copying does not.

SQLite: a file in the folder that all workers of a run share. PostgreSQL: the database `python -m tests.postgres` has migrated before, as a TEMPLATE.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "DUIXIAN_TEST_FOLDER"  # the folder of this run, set by tests/conftest.py
POSTGRES = "DUIXIAN_TEST_TEMPLATE"  # the name of the migrated database, set by tests/postgres.py
FILE = "duixian.sqlite3"  # as settings call it in a home


def copy_to(place: Path) -> None:
    """Copy the migrated SQLite file to a place; the first to ask makes it, another waits for that."""
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            migrate(folder, "")
            (folder / "done").touch()
    shutil.copyfile(folder / FILE, place)


def migrate(home: Path, database: str) -> None:
    """Migrate a database by a program of its own. Raises CalledProcessError where that fails."""
    given = {"DUIXIAN_HOME": str(home), "DUIXIAN_DATABASE": database, "DJANGO_SETTINGS_MODULE": "duixian.web.settings", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"], env=os.environ | given, cwd=ROOT, check=True)

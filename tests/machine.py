"""Says which of the tests' two companions this machine has, and what is skipped without them."""

import shutil
import sys

from tests.postgres_server import find_binaries


def main() -> None:
    postgres = find_binaries()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    found = [
        f"PostgreSQL: {postgres}"
        if postgres
        else "PostgreSQL is not on this machine: its half of the tests is skipped (apt-get install postgresql).",
        f"Chromium: {chromium}"
        if chromium
        else "Chromium is not on this machine: the page is not tested (apt-get install chromium).",
    ]
    sys.stdout.write("\n".join(found) + "\n")


if __name__ == "__main__":
    main()

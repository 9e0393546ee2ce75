# SPDX-License-Identifier: Apache-2.0
"""Check what Django only finds out while serving: templates, models, migrations.

Every template of ours is compiled, Django's own system checks run with warnings
counted as errors, no model may lack its migration, and the migrations of each
application form one line with names that say what they do.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
SOURCE = SCRIPTS.parent / "src" / "comity" / "node"


def template_problems() -> tuple[int, list[str]]:
    """Compile every template below `comity.node`; return how many there are and what failed."""
    from django.template import TemplateSyntaxError
    from django.template.loader import get_template

    problems = []
    names = [
        path.relative_to(folder).as_posix()
        for folder in sorted(SOURCE.rglob("templates"))
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".html", ".txt", ".svg")
    ]
    for name in names:
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            problems.append(f"template {name}: {error}")
    return len(names), problems


def migration_problems() -> tuple[int, list[str]]:
    """Return how many migrations of ours there are, and what is wrong with their line."""
    from django.core.management import call_command
    from django.db.migrations.loader import MigrationLoader

    problems = []
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        problems.append("a model has changed without a migration (listed above)")
    ours = [key for key in MigrationLoader(None).disk_migrations if key[0] == "store"]
    leaves = MigrationLoader(None).graph.leaf_nodes("store")
    if len(leaves) != 1:
        problems.append(f"the migrations do not form one line: they end in {leaves}")
    problems += [
        f"migration {name} does not say what it does" for _, name in ours if "auto" in name
    ]
    return len(ours), problems


def main() -> int:
    """Print what was checked and what is wrong; return the exit status."""
    sys.path.insert(0, str(SCRIPTS))
    os.environ["DJANGO_SETTINGS_MODULE"] = "throwaway_node"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("check", fail_level="WARNING")
    templates, problems = template_problems()
    migrations, more = migration_problems()
    problems += more
    print(f"checked {templates} templates and {migrations} migrations")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems or not templates or not migrations else 0


if __name__ == "__main__":
    raise SystemExit(main())

# SPDX-License-Identifier: Apache-2.0
"""Run the scenarios that lawyers write: every `[[case]]` of every TOML file here is a test."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

import comity_law
from comity.law.load import load_pack
from comity.law.pack import Pack
from comity.law.scenario import Scenario, read_scenarios


@lru_cache(maxsize=1)
def built_in() -> Pack:
    """The pack that all scenarios ask."""
    return load_pack(comity_law.PATH)


class Failed(Exception):
    """A scenario had another answer."""


class ScenarioItem(pytest.Item):
    """One case of a file."""

    scenario: Scenario

    def runtest(self) -> None:
        """Ask, and compare with what the lawyer expects."""
        differences = self.scenario.run(built_in())
        if differences:
            raise Failed("\n".join(differences))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """Show what differs, without a Python traceback."""
        del style
        return f"{self.scenario.title}\n{excinfo.value}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the case by its title."""
        return self.path, 0, self.scenario.title


class ScenarioFile(pytest.File):
    """A TOML file of cases."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Yield its cases."""
        for scenario in read_scenarios(self.path):
            item = ScenarioItem.from_parent(self, name=scenario.title)
            item.scenario = scenario
            yield item


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect the TOML files of this folder."""
    if file_path.suffix == ".toml" and file_path.parent == Path(__file__).parent:
        return ScenarioFile.from_parent(parent, path=file_path)
    return None

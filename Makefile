# SPDX-License-Identifier: Apache-2.0
#
# make demo            three nodes on this machine with a case in mid-flight; Ctrl-C ends them
# make demo PLAY=1     the whole story plays by itself and checks itself
#      EXHIBIT=path    with this file or disk image as the exhibit
#      OUT=path        and keep the delivered package there
# make test            everything that must hold before a change goes in
#      FAST=1          the quick part, for while you work
#      T=path          only these tests
#      DEEP=1          properties tried 5,000 times each
#      DB=postgresql   the node's tests on a PostgreSQL server, started and stopped for it
# make bench           our speed beside that of a tool you know

PYTHON ?= $(shell command -v python3 || command -v python3.11 || echo python3)
PLAY ?=
EXHIBIT ?=
OUT ?=
FAST ?=
T ?=
DEEP ?=
DB ?= sqlite
export PLAY EXHIBIT OUT FAST T DEEP DB

.DEFAULT_GOAL := help
.PHONY: help demo test bench

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

demo:
	@$(PYTHON) scripts/bootstrap.py run
	@.venv/bin/python -m demo

test:
	@$(PYTHON) scripts/bootstrap.py dev
	@.venv/bin/python scripts/check.py

bench:
	@$(PYTHON) scripts/bootstrap.py dev
	@.venv/bin/python bench/run.py

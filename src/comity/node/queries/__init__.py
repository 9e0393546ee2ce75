# SPDX-License-Identifier: Apache-2.0
"""Reads: every function takes the officer and returns only what that officer may see."""

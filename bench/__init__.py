# SPDX-License-Identifier: Apache-2.0
"""Our speed beside a tool that the reader knows, never part of the tests."""

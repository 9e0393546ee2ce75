# SPDX-License-Identifier: Apache-2.0
"""States, transitions and guards as data."""

# SPDX-License-Identifier: Apache-2.0
"""Writes: one function per intention, one transaction, at least one recorded event."""

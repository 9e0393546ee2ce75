# SPDX-License-Identifier: Apache-2.0
"""The only tables of a node."""

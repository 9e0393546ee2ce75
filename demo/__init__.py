# SPDX-License-Identifier: Apache-2.0
"""The demonstration: three nodes on loopback and one case, played for real."""

# SPDX-License-Identifier: Apache-2.0
"""Exhibits, their chain of custody, and the packages in which they travel."""

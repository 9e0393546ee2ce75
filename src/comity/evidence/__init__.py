# SPDX-License-Identifier: Apache-2.0
"""Exhibits, custody and the sealed evidence package."""

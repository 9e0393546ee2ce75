# SPDX-License-Identifier: Apache-2.0
"""Views: one query or one service call each, then a page."""

# SPDX-License-Identifier: Apache-2.0
"""Requests for mutual assistance, on both sides."""

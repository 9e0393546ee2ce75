# SPDX-License-Identifier: Apache-2.0
"""The Django application: one authority's node."""

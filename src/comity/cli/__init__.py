# SPDX-License-Identifier: Apache-2.0
"""The examiner's command line, `comity`: works offline, on a machine without a node."""

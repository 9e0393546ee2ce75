# SPDX-License-Identifier: Apache-2.0
"""The examiner's command line, `comity`: works without a node or a network."""

# SPDX-License-Identifier: Apache-2.0
"""What several groups of tests share: a clock that is set by hand, the shared evidence."""

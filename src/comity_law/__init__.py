# SPDX-License-Identifier: Apache-2.0
"""The law as data: instruments, parties and declarations, each with its source."""

# SPDX-License-Identifier: Apache-2.0
"""What an examiner does with a source: acquire, hash, report."""

# SPDX-License-Identifier: Apache-2.0
"""The reconcile loop: whatever must happen later is a row, and a step looks at what is due."""

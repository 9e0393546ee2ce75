# SPDX-License-Identifier: Apache-2.0
"""The tamper-evident log, its proofs and its witnesses (RFC 6962, C2SP)."""

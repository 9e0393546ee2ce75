# SPDX-License-Identifier: Apache-2.0
"""Signatures, envelopes and sealing, over libraries that others keep."""

# SPDX-License-Identifier: Apache-2.0
"""The exact bytes that are hashed and signed, and the values made of them."""

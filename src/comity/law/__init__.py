# SPDX-License-Identifier: Apache-2.0
"""Legal rules as data, and the engine that answers from them."""

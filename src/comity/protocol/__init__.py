# SPDX-License-Identifier: Apache-2.0
"""What crosses the wire between nodes; no sockets here."""

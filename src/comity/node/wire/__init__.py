# SPDX-License-Identifier: Apache-2.0
"""The wire: how two nodes speak. Views for what comes in, a client for what goes out."""

# SPDX-License-Identifier: Apache-2.0
"""Forms of the desk, made from the core's descriptions of fields and actions."""

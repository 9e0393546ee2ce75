# SPDX-License-Identifier: Apache-2.0
"""Who is who: authorities, their keys and the signed directory."""

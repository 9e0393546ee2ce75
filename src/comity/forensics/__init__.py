# SPDX-License-Identifier: Apache-2.0
"""What an examiner does: acquire a source, check a container, write the report."""

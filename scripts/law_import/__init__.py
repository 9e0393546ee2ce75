# SPDX-License-Identifier: Apache-2.0
"""The one-way import of the research files into the law pack (see `import_law.py`)."""

# SPDX-License-Identifier: Apache-2.0
"""The generated pages of the manual: one module a page, each with a function `page`."""

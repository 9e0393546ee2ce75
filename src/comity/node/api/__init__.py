# SPDX-License-Identifier: Apache-2.0
"""The JSON interface for the programs of an authority: reads only, for officers who are signed in.

The only place that knows django-ninja. A view parses, makes one query and hands out
the document that the core made; it decides nothing and changes nothing.
"""

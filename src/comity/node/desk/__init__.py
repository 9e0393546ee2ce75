# SPDX-License-Identifier: Apache-2.0
"""The officer's desk: server-rendered pages over `queries` and `services`.

Every page and every action works without JavaScript. The desk decides nothing: it reads view
objects, makes one service call a request, and shows what came back.
"""

# SPDX-License-Identifier: Apache-2.0
"""`comity-node`: the commands of the people who run a node."""

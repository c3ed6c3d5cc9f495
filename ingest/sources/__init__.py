"""Where bars come from: each module reads one source into canonical bars."""

"""The engine: pure numerics over float64 arrays of shape (sessions, assets).

It reads no file, no database and no clock. A session's window may look at the last ``age``
sessions only, where ``age[t, i]`` counts the sessions since the start that the warm-up rule
gives asset ``i`` (1 on the first one, 0 where the asset has no row): one array says for every
kernel where history begins, whether it never resets or starts afresh each year.
Unknown is NaN.
"""

from plumbline.compiling import prepare
from plumbline.engine.memory import keep_freed

keep_freed()
prepare()

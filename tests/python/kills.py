"""What a process is given that is to be killed at a step: the text of a program, after its imports."""

KILLS = """
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def kill_at(module, name, call=1, before=die):
    real, calls = getattr(module, name), []
    def hooked(*args, **kwargs):
        calls.append(args)
        if len(calls) == call:
            before(*args, **kwargs)
        return real(*args, **kwargs)
    setattr(module, name, hooked)

def half_written(path, data):
    path.write_bytes(data[: len(data) // 2])
    die()
"""

"""What the rows of the truth table are made of: each plants one fault and says what has to be told of it.

A row is a function of a Lab, in a network namespace of its own. Its name is what is planted.
"""
ROWS = []


def row(planted, short=False):
    def keep(function):
        ROWS.append((planted, function, short))
        return function
    return keep


EVERY_CALL_WORKS = {'success_rate': ['rate>=1'], 'drop_off_rate': ['rate<=0'], 'kept_rate': ['rate>=1']}


def scenario(name, calls=4, hold_ms=4000, rate_per_s=100, **more):
    """Direct calls that start all at once, so that a fault hits them in the same state."""
    return {'name': name, 'calls': {'per_arm': calls, 'hold_ms': hold_ms},
            'arrival': {'rate_per_s': rate_per_s, 'shape': 'even'}, **more}


def relay(name, urls, **more):
    return {'name': name, 'policy': 'relay', 'ice_servers': [{'urls': urls, **more}]}


def flows_of_kind(run, kind):
    return [(source, target, kind) for _, source, target in run.flows()]


AUDIO_ONLY = {'audio': {'bitrate_bps': 32000}, 'video': None}

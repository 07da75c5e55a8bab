# SPDX-License-Identifier: GPL-2.0
"""What tests/model/run runs: populations, guards to be taken out, changed tables."""

import dataclasses

STATES = ['IDLE', 'PENDING', 'MOUNTED', 'EXPIRING', 'FAILED']


@dataclasses.dataclass
class Case:
    """One run of spin.

    name: of the test.
    flags: sizes, budgets, and guards that are missing.
    finds: a part of what spin has to complain of; empty: nothing.
    cycles: look for endless loops, not only for what an assertion sees.
    large: only with --full.
    forbidden: state and event that state.c doesn't allow here.
    """
    name: str
    flags: list
    finds: str = ''
    cycles: bool = False
    large: bool = False
    forbidden: tuple = ()


ROUTES = {'fd': 'PATH_ROUTE=0', 'path': 'PATH_ROUTE=1'}

# name: sizes and budgets, see types.pml
SMALL = {
    'two walkers, expire': 'WALKERS=2',
    'three walkers': 'WALKERS=3 REQUESTS=5 LOOKS=0',
    'access': 'WALKERS=2 KIND0=OPEN KIND1=ACCESS',
    'the daemon dies, another adopts': 'WALKERS=1 WALKS=2 DAEMONS=2 DEATHS=1 LOOKS=0',
    'the same, expire': 'WALKERS=1 DAEMONS=2 DEATHS=1',
    'the daemon comes late and dies': 'WALKERS=1 LATE=1 DEATHS=1',
    'deadline, kill': 'WALKERS=1 DEADLINE KILLS=1',
    'deadline that is not remembered': 'WALKERS=1 WALKS=2 DEADLINE TTL_OF_TIMEOUT=0 LOOKS=0',
    'failures': 'WALKERS=1 WALKS=2 FAILURES LOOKS=0',
    'umount(8), a private copy, bad reads': 'WALKERS=1 UMOUNTS=1 COPIES=1 FAULTS=1',
}
CYCLES = {
    'no endless loop': 'WALKERS=1 UMOUNTS=1 FAILURES',
    'no endless loop, the daemon lies': 'WALKERS=1 LIAR LOOKS=0',
}
LARGE = {
    'two walkers, two daemons, expire': 'WALKERS=2 DAEMONS=2 DEATHS=1',
    'three walkers, expire': 'WALKERS=3 REQUESTS=5',
    'three that open, two daemons': 'WALKERS=3 KIND1=OPEN REQUESTS=5 DAEMONS=2 DEATHS=1 LOOKS=0',
    'three walkers, two daemons': 'WALKERS=3 REQUESTS=5 DAEMONS=2 DEATHS=1 LOOKS=0',
}

STUCK = 'finished=='
UNMAPPED = '(err==5)&&killed'    # an errno that neither the map nor time caused

# what is missing, route, sizes, what finds it; Documentation/model.rst explains them
GUARDS = [
    ('NO_JOIN NO_WAIT_WHEN_PENDING', 'fd', 'WALKERS=2 LOOKS=0', '!(req[i].pending)'),
    ('NO_WAIT_WHEN_EXPIRING', 'fd', 'WALKERS=2', '!(req[i].pending)'),
    ('NO_TRACKED_LOOKUP', 'path', 'WALKERS=1 WALKS=2', STUCK),
    ('NO_LOOK_FOR_DEAD', 'path', 'WALKERS=1 WALKS=2', '!(dentry[x].dead)'),
    ('NO_UNTRACK_AT_RELEASE', 'path', 'WALKERS=1 WALKS=2', 'dentry[x].live)'),
    ('NO_RWSEM_IN_LOOKUP', 'path', 'WALKERS=2', '!(dentry[i].live)||dentry[i].dead'),
    ('NO_REVIVAL', 'path', 'WALKERS=2', UNMAPPED),
    ('NO_END_ONCE', 'fd', 'WALKERS=1 DEADLINE LOOKS=0', '(n!=5)'),
    ('NO_END_BEFORE_WAKE', 'fd', 'WALKERS=1 LOOKS=0', STUCK),
    ('NO_WAKE_OF_ALL', 'fd', 'WALKERS=2 LOOKS=0', STUCK),
    ('NO_WAKE_OF_READER', 'fd', 'WALKERS=1 LOOKS=0', STUCK),
    ('NO_WITHDRAW', 'fd', 'WALKERS=1 LOOKS=0', '(req[job].place==0)'),
    ('NO_HOLD_BY_REQUEST', 'fd', 'WALKERS=1 LOOKS=0 KILLS=1', '(dentry[x].req==15)'),
    ('KILLED_ENDS_ALL', 'fd', 'WALKERS=2 LOOKS=0 KILLS=1', UNMAPPED),
    ('NO_KIND_IN_WAIT', 'fd', 'WALKERS=2', UNMAPPED),
    ('NO_STATE_IN_EXPIRE', 'fd', 'WALKERS=1 WALKS=2 UMOUNTS=1', '(req[q].kind==1)'),
    ('NO_MANAGE', 'fd', 'WALKERS=2 KIND1=ACCESS', 'excused'),
    ('NO_GETATTR', 'fd', 'WALKERS=2', 'violated 0'),
    ('NO_TRANSIT_WHEN_BARE', 'fd', 'WALKERS=2 KIND1=ACCESS', 'dentry[x].transit'),
    ('NO_END_OF_TRANSIT', 'fd', 'WALKERS=2', '!(dentry[x].transit)'),
    ('NO_FLAGS_WHEN_PLACED', 'fd', 'WALKERS=2 DEADLINE', '.transit||'),
    ('NO_ASK_WHEN_GONE', 'fd', 'WALKERS=2 UMOUNTS=1', '(count<4)'),
    ('NO_LOOK_FOR_MOUNT', 'fd', 'WALKERS=1 DAEMONS=2 DEATHS=1 LOOKS=0', '.mounts==0)'),
    ('NO_LOOK_FOR_MOUNT', 'path', 'WALKERS=1 DAEMONS=2 DEATHS=1 LOOKS=0', '(phase!=9)'),
    ('NO_LOOK_AT_SUCCESS', 'fd', 'WALKERS=1 LIAR LOOKS=0', 'non-progress cycle'),
    ('NO_EXEMPTION', 'fd', 'WALKERS=1', STUCK),
    ('NO_EXEMPTION', 'path', 'WALKERS=1 LOOKS=0', STUCK),
    ('NO_MNT_EXPIRE', 'fd', 'WALKERS=1', '.users==0)'),
    ('NO_BUSY_IN_RMDIR', 'path', 'WALKERS=1 COPIES=1', '!(dentry[w].copy)'),
    ('NO_REQUEUE', 'fd', 'WALKERS=1 DAEMONS=2 DEATHS=1 LOOKS=0', STUCK),
    ('NO_ARM_WHEN_ORPHANED', 'fd', 'WALKERS=1 DEATHS=1 LOOKS=0', STUCK),
    ('NO_ARM_AT_START', 'fd', 'WALKERS=1 LATE=1 DEATHS=1 LOOKS=0', STUCK),
    ('NO_UNREAD', 'fd', 'WALKERS=1 FAULTS=1 LOOKS=0', STUCK),
]

# state, event, sizes in which the code lets it happen
TRANSITIONS = [
    ('IDLE', 'ASK', 'WALKERS=1'),
    ('IDLE', 'FOUND', 'WALKERS=1 WALKS=2 DEADLINE TTL_OF_TIMEOUT=0 LOOKS=0'),
    ('PENDING', 'MOUNT_OK', 'WALKERS=1'),
    ('PENDING', 'MOUNT_FAIL', 'WALKERS=1 FAILURES'),
    ('PENDING', 'MOUNT_DROP', 'WALKERS=1 FAILURES'),
    ('MOUNTED', 'ASK', 'WALKERS=1 UMOUNTS=1'),
    ('MOUNTED', 'EXPIRE', 'WALKERS=1'),
    ('MOUNTED', 'GONE', 'WALKERS=1 UMOUNTS=1'),
    ('EXPIRING', 'EXPIRE_OK', 'WALKERS=1'),
    ('EXPIRING', 'EXPIRE_NO', 'WALKERS=1'),
    ('FAILED', 'FOUND', 'WALKERS=1 WALKS=2 DEADLINE LOOKS=0'),
    ('FAILED', 'TTL', 'WALKERS=1 FAILURES'),
]


def populations():
    for sizes, extra in ((SMALL, {}), (CYCLES, {'cycles': True}), (LARGE, {'large': True})):
        for route, flag in ROUTES.items():
            for name, words in sizes.items():
                yield Case(f'{route}: {name}', [flag, *words.split()], **extra)


def without_guards():
    for missing, route, words, finds in GUARDS:
        yield Case(f'{route}: {missing} is found',
                   [ROUTES[route], *missing.split(), *words.split()], finds,
                   cycles='cycle' in finds)


def without_transitions():
    for state, event, words in TRANSITIONS:
        yield Case(f'fd: {state} without {event} is found', [ROUTES['fd'], *words.split()],
                   '(n!=5)', forbidden=(state, event))


CASES = [*populations(), *without_guards(), *without_transitions()]

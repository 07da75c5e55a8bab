# SPDX-License-Identifier: GPL-2.0
"""A guest that a busy host doesn't run for a while, again and again."""

import random
import signal
import threading

# Seconds that it runs in between.
RUN = (1, 4)


class Stutter:
    """Stops a subprocess.Popen, which knows whether it has ended, for up to so many
    milliseconds at a time, until it is told to end."""

    def __init__(self, process, most_ms):
        self._process = process
        self._most = most_ms / 1000
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._over.wait(random.uniform(*RUN)):
            self._process.send_signal(signal.SIGSTOP)
            self._over.wait(random.uniform(self._most / 4, self._most))
            self._process.send_signal(signal.SIGCONT)

    def end(self):
        """The process runs again."""
        self._over.set()
        self._thread.join()

"""Jobs: millions of comments to classify, from files too large to be held, that may be killed at any moment.

    inputs -> pieces -> transforms -> answers -> parts -> manifest
    source   readers    run          cache,     Parquet   one transaction a part
                                     network

A part is written under another name, brought to the disk, renamed, and only then entered in the manifest, together
with how far its inputs were read. So whatever instant a job is killed at, the manifest names whole parts and the place
behind them; the next run removes what it does not name, and goes on there.
"""

from stance.jobs.report import JobProgress, JobReport
from stance.jobs.run import run_job
from stance.jobs.stopping import JobStopped

__all__ = ["JobProgress", "JobReport", "JobStopped", "run_job"]

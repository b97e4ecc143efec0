"""Where a process is killed, and what must then be true. One row a labelled point:

story | label | state at once | state after the sweep | tasks at the relay

A label without a number is its first occurrence in the step. Stories are in stories.py. A commit is named by the
job's move, else by what was written first: a kept file's row is committed as `delete discarded`, its pictures'
names are the second `update mediafile`.
"""

from typing import NamedTuple

TABLE = """
press | before update budgetmonth | none | succeeded | 1
press | before insert hold | none | succeeded | 1
press | after insert entry | none | succeeded | 1
press | before insert job | none | succeeded | 1
press | before insert attempt | none | succeeded | 1
press | before insert jobevent | none | succeeded | 1
press | before insert ormq | none | succeeded | 1
press | after insert ormq | none | succeeded | 1
press | after commit of update budgetmonth | queued | succeeded | 1
cancel | before update job cancelled | queued | succeeded | 1
cancel | before update hold | queued | succeeded | 1
cancel | before insert entry | queued | succeeded | 1
cancel | before commit of cancelled | queued | succeeded | 1
cancel | after commit of cancelled | cancelled | cancelled | 0
send | before update job queued | queued | succeeded | 1
send | after update job queued | queued | succeeded | 1
send | after update job sending | queued | succeeded | 1
send | before insert jobevent | queued | succeeded | 1
send | before update attempt | queued | succeeded | 1
send | before commit of sending | queued | succeeded | 1
send | after commit of sending | sending | unknown | 0
send | before POST submit leaves | sending | unknown | 0
send | after POST submit left | sending | unknown | 1
send | after POST submit answered | sending | unknown | 1
send | before insert exchange | sending | unknown | 1
send | after insert exchange | sending | unknown | 1
send | after update job running | sending | unknown | 1
send | before commit of running | sending | unknown | 1
send | after commit of running | running | succeeded | 1
send, refused | before commit of failed | sending | unknown | 0
send, refused | after commit of failed | failed | failed | 0
send, told to wait | before commit of queued | sending | unknown | 0
send, told to wait | after commit of queued | queued | succeeded | 1
look | before GET task leaves | running | succeeded | 1
look | after GET task answered | running | succeeded | 1
look | after update job fetching | running | succeeded | 1
look | before update hold | running | succeeded | 1
look | before insert entry | running | succeeded | 1
look | before insert output | running | succeeded | 1
look | before insert ormq | running | succeeded | 1
look | before commit of fetching | running | succeeded | 1
look | after commit of fetching | fetching | succeeded | 1
look, failed | before update hold | running | failed | 1
look, failed | before commit of failed | running | failed | 1
look, failed | after commit of failed | failed | failed | 1
fetch | before update job fetching | fetching | succeeded | 1
fetch | before GET clip leaves | fetching | succeeded | 1
fetch | after GET clip answered | fetching | succeeded | 1
fetch | before fsync temporary download | fetching | succeeded | 1
fetch | before run probe | fetching | succeeded | 1
fetch | after run probe | fetching | succeeded | 1
fetch | before rename kept mp4 | fetching | succeeded | 1
fetch | after rename kept mp4 | fetching | succeeded | 1
fetch | before delete discarded | fetching | succeeded | 1
fetch | before update mediafile | fetching | succeeded | 1
fetch | after insert mediafile | fetching | succeeded | 1
fetch | before commit of delete discarded | fetching | succeeded | 1
fetch | after commit of delete discarded | fetching | succeeded | 1
fetch | before run ffmpeg | fetching | succeeded | 1
fetch | after rename kept webp | fetching | succeeded | 1
fetch | before update mediafile 2 | fetching | succeeded | 1
fetch | before update job succeeded | fetching | succeeded | 1
fetch | before commit of succeeded | fetching | succeeded | 1
fetch | after commit of succeeded | succeeded | succeeded | 1
pictures | before run ffmpeg | succeeded | succeeded | 1
pictures | after rename kept mp4 | succeeded | succeeded | 1
pictures | before update mediafile | succeeded | succeeded | 1
callback | before insert ormq | running | succeeded | 1
callback | after insert ormq | running | succeeded | 1
lost answer | before GET task leaves | unknown | succeeded | 1
lost answer | before update attempt | unknown | succeeded | 1
lost answer | before commit of running | unknown | succeeded | 1
lost answer | after commit of running | running | succeeded | 1
lost answer | before commit of fetching | running | succeeded | 1
lost answer | after commit of fetching | fetching | succeeded | 1
sweep | after update job | running | succeeded | 1
sweep, sending | before commit of unknown | sending | unknown | 0
sweep, sending | after commit of unknown | unknown | unknown | 0
"""


class Row(NamedTuple):
    story: str
    label: str
    at_once: str
    after: str
    tasks: int


def read(line: str) -> Row:
    story, label, at_once, after, tasks = (cell.strip() for cell in line.split("|"))
    return Row(story, label, at_once, after, int(tasks))


ROWS = [read(line) for line in TABLE.strip().splitlines()]

"""The studio's rooms under drawn faults: a seed makes a schedule, a schedule can be played again."""

"""How the studio is: heartbeats of its processes, its checks of itself, alerts."""

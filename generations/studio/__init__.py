"""Starting the studio and keeping its processes alive; only `manage.py studio` comes in here."""

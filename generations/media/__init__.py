"""Kept bytes: storing, checking, measuring and serving media files."""

"""What people and programs see: tables, progress, JSON; the only package that prints."""

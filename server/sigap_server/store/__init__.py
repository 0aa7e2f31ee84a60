"""What is kept: units, fixes, alerts, incidents and their events, operators; SQLAlchemy over SQLite."""

"""What must survive a power cut: settings, and records in flash."""

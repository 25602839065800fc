"""What this program is called on a package index, and its version: said from here, however it was installed."""

DISTRIBUTION = "carl-gui"
"""The product is CARL Studio; there `carl-studio` is somebody else's (docs/installing.md)."""
VERSION = "0.1.0"

"""The version of the kit, alone in a file so that the build can read it without importing pyzmq."""

__version__ = "0.1.0"

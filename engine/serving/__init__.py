"""The engine process: its loop, the pipe, the commands it takes and the snapshots it gives."""

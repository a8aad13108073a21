"""The shapes that cross a process edge: msgspec Structs and attribute keys. Imports nothing of ours."""

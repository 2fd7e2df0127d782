import pytest


@pytest.fixture
def write(tmp_path):
    """Writes the content, and returns the path in words."""

    def write(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write

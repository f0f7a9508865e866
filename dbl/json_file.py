import json
from pathlib import Path


def read_object(path: Path) -> dict:
    """Reads a JSON object; empty where there is none, or none that is whole."""
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}

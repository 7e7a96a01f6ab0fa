"""Whether a runtime's package is there and can be imported."""

from importlib import import_module


def why_not(module: str, package: str) -> str | None:
    """Why `module` cannot be imported and what to install, or None where it can."""
    try:
        import_module(module)
    except (ImportError, OSError) as error:
        return f"{module} cannot be imported ({error}): pip install {package}"
    return None

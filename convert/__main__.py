"""`python -m convert`, for where another program is called `convert` too."""

from convert.cli import main

if __name__ == "__main__":
    main()

"""`python -m kaocheng` is the command `kaocheng`, for a Python that is not first on the path."""

from kaocheng.cli import main

if __name__ == "__main__":
    main()

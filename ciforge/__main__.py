"""`python -m ciforge` and the `ciforge` program."""

from ciforge.cli.main import main

if __name__ == "__main__":
    main()

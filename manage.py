#!/usr/bin/env python
"""Django's command line, with Guildhall's settings."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.stack.paths import take_data_dir

    take_data_dir(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

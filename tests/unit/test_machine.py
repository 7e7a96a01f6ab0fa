"""The machine that a report names is this one."""

import os
import platform

from convert.machine import cores, instructions, load, machine


def test_the_machine_is_described() -> None:
    found = machine()
    assert found.system.startswith(platform.system())
    assert found.processor
    assert found.memory_gb > 0.1
    assert found.python == platform.python_version()


def test_no_more_cores_are_counted_than_there_are() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_instruction_sets_are_those_that_the_processor_names() -> None:
    assert len(set(instructions())) == len(instructions())
    if "avx512_vnni" in instructions():
        assert "avx512f" in instructions()


def test_the_load_is_a_number_of_processes() -> None:
    assert load() >= 0

"""Prints what a wheel holds: tag and size, compiled modules, the libraries that it brings and those it needs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile


def needed(data: bytes) -> Iterator[str]:
    """Names of the shared libraries that an ELF file asks for."""
    section = ELFFile(io.BytesIO(data)).get_section_by_name(".dynamic")
    if isinstance(section, DynamicSection):
        yield from (tag.needed for tag in section.iter_tags("DT_NEEDED"))


def main(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        files = {i.filename: i for i in packed.infolist() if not i.is_dir()}
        shared = [name for name in files if ".so" in Path(name).name]
        asked = {library for name in shared for library in needed(packed.read(name))}
    brought = {Path(name).name for name in shared if ".libs/" in name}
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, {len(files)} files")
    for name in shared:
        print(f"  {name}: {files[name].file_size / 1e6:.1f} MB, {files[name].compress_size / 1e6:.1f} MB packed")
    print(f"  libraries brought ({len(brought)}): {', '.join(sorted(brought))}")
    print(f"  libraries of the system: {', '.join(sorted(asked - brought))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

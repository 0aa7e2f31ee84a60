"""A folder for one test, on either interpreter; on MicroPython it is a littlefs in memory, as on a unit."""

try:
    import tempfile
except ImportError:
    import vfs

    class _Blocks:
        def __init__(self):
            self._content = bytearray(512 * 256)

        def readblocks(self, block, buffer, offset=0):
            at = block * 512 + offset
            buffer[:] = self._content[at : at + len(buffer)]

        def writeblocks(self, block, buffer, offset=0):
            at = block * 512 + offset
            self._content[at : at + len(buffer)] = buffer

        def ioctl(self, operation, argument):
            return {4: 256, 5: 512}.get(operation, 0)

    def folder():
        blocks = _Blocks()
        vfs.VfsLfs2.mkfs(blocks)
        try:  # noqa: SIM105 - MicroPython has no contextlib
            vfs.umount("/scratch")
        except OSError:
            pass  # the first
        vfs.mount(vfs.VfsLfs2(blocks), "/scratch")
        return "/scratch"

else:
    import atexit
    import shutil

    _kept = []

    def _remove():
        while _kept:
            shutil.rmtree(_kept.pop())

    atexit.register(_remove)

    def folder():
        _remove()
        _kept.append(tempfile.mkdtemp())
        return _kept[0]

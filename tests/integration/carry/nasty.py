"""nasty.py make DIR: a tree with all that is hard to carry. nasty.py walk DIR: what is in it, a line for each path."""
import hashlib, os, socket, stat, sys


def make(root):
    os.makedirs(root, exist_ok=True)
    os.chdir(root)
    write = lambda name, data=b"x": open(name, "wb").write(data)
    os.makedirs("d/empty")
    write("d/file", b"hello\n")
    os.chown("d/file", 1234, 5678)
    os.chmod("d/file", 0o4751)
    os.link("d/file", "d/again")
    os.link("d/file", "again")
    os.symlink("file", "d/link")
    os.symlink("/etc", "outside")
    os.symlink("../" * 12 + "etc/passwd", "d/up")
    os.symlink("z" * 300, "d/longlink")
    os.symlink("x y\n", "d/odd\nlink")
    for name in [b"d/new\nline", b"-dash", b"d/\xff\xfe", b"d/back\\slash", "d/größe".encode(), b"d/ sp ace ", b"d/'quo\"te$(x)`y`", b"d/a:b", b"d/...", b"d/*"]:
        write(name, name)
    deep = ("n" * 200 + "/") * 3
    os.makedirs(deep)
    write(deep + "m" * 250, b"deep")
    with open("sparse", "wb") as f:
        f.truncate(32 << 20)
        f.seek(20 << 20)
        f.write(b"middle")
    write("empty", b"")
    write("big", os.urandom(3 << 20))
    os.mkfifo("d/fifo", 0o640)
    os.mknod("d/null", 0o620 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod("d/block", 0o600 | stat.S_IFBLK, os.makedev(7, 99))
    s = socket.socket(socket.AF_UNIX)
    s.bind("d/sock")
    os.mkdir("sticky")
    os.chmod("sticky", 0o3777)
    os.chown("sticky", 99, 98)
    for name, key, value in [("d/file", "user.note", b"a\0b\n"), ("d", "user.dir", b"1"), ("big", "trusted.t", b"2")]:
        try:
            os.setxattr(name, key, value)
        except OSError as e:
            print("no attribute", key, e, file=sys.stderr)
    for i, name in enumerate(["d/file", "big", "d/link", "d/empty", "sticky", "d"]):
        os.utime(name, ns=(10**18 + i, 981173106123456789 + i * 10**9), follow_symlinks=False)
    os.chown(".", 77, 78)
    os.chmod(".", 0o750)
    os.utime(".", ns=(10**18, 10**18 + 987654321))


def walk(root):
    groups = {}
    root = os.fsencode(root)
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in [b"."] * (folder == root) + sorted(folders + files):
            path = os.path.normpath(os.path.join(folder, name))
            st = os.lstat(path)
            rel = os.path.relpath(path, root)
            kind = stat.S_IFMT(st.st_mode)
            what = ""
            if stat.S_ISLNK(st.st_mode):
                what = repr(os.readlink(path))
            elif stat.S_ISREG(st.st_mode):
                what = hashlib.sha256(open(path, "rb").read()).hexdigest()[:16]
                if st.st_blocks * 512 < st.st_size // 2:
                    what += " sparse"
            elif stat.S_ISCHR(st.st_mode) or stat.S_ISBLK(st.st_mode):
                what = str(st.st_rdev)
            if st.st_nlink > 1 and not stat.S_ISDIR(st.st_mode):
                what += " = " + repr(groups.setdefault(st.st_ino, rel))
            attrs = {k: os.getxattr(path, k, follow_symlinks=False) for k in sorted(os.listxattr(path, follow_symlinks=False))}
            print(repr(rel), "%o" % kind, "%o" % (st.st_mode & 0o7777), st.st_uid, st.st_gid, "%d.%09d" % divmod(st.st_mtime_ns, 10**9), what, attrs or "")


{"make": make, "walk": walk}[sys.argv[1]](sys.argv[2])

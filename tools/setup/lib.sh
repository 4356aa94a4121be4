# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts of mbx share: where things live, how to speak to the user,
# how to become root, how to install packages and how to fill the cache.
#
# A script sources this file first. Everything said goes to stderr: stdout
# belongs to the result.

MBX_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MBX_CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mbx
# The build directory; "make O=DIR" exports it.
MBX_O=${MBX_O:-$MBX_ROOT/build}
MBX_NAME=$(basename "$0")

note() {
	printf '%s: %s\n' "$MBX_NAME" "$*" >&2
}

die() {
	note "$*"
	exit 1
}

as_root() {
	if [[ $EUID -eq 0 ]]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root, and sudo is not there: $*"
	fi
}

# with_lock NAME COMMAND...: one at a time across processes. The lock file stays;
# removing it would let two holders in.
with_lock() {
	local name=$1 fd
	shift
	mkdir -p "$MBX_CACHE/locks"
	exec {fd}>"$MBX_CACHE/locks/$name"
	flock "$fd"
	"$@"
	exec {fd}>&-
}

# --- packages ---------------------------------------------------------------

# The package lists are refreshed once for a make run and all it starts.
apt_refresh() {
	[[ -z ${MBX_APT_REFRESHED:-} ]] || return 1
	export MBX_APT_REFRESHED=1
	may_download "the list of Debian packages"
	note "refreshing the list of Debian packages (apt-get update)"
	as_root apt-get -qq update >&2
}

apt_has_lists() {
	compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null
}

# MBX_NO_INSTALL=1: say what would be fetched and stop.
may_download() {
	[[ ${MBX_NO_INSTALL:-0} != 1 ]] || die "MBX_NO_INSTALL=1 forbids fetching: $*"
}

is_installed() {
	[[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

apt_install_once() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		--no-install-recommends -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout=300 install "$@" </dev/null >&2
}

# need_packages WHY PACKAGE...: install those that are missing.
need_packages() {
	local why=$1 package missing=()
	shift
	for package in "$@"; do
		is_installed "$package" || missing+=("$package")
	done
	[[ ${#missing[@]} -gt 0 ]] || return 0
	if [[ ${MBX_NO_INSTALL:-0} == 1 ]]; then
		note "missing Debian packages, needed $why: ${missing[*]}"
		note "install them with: apt-get install --no-install-recommends ${missing[*]}"
		exit 1
	fi
	note "installing Debian packages, needed $why: ${missing[*]}"
	apt_has_lists || apt_refresh
	apt_install_once "${missing[@]}" && return 0
	# Old lists name versions which the archive has dropped.
	apt_refresh && apt_install_once "${missing[@]}" && return 0
	die "could not install: ${missing[*]}"
}

# apt_depends PACKAGE: the packages it depends on, one a line.
apt_depends() {
	apt-cache depends --no-recommends --no-suggests "$1" 2>/dev/null |
		sed -n 's/^ *|\{0,1\}Depends: //p'
}

# apt_unpack DIR PACKAGE...: download and extract without installing.
apt_unpack() {
	local dir=$1 debs
	shift
	may_download "$*"
	debs=$(mktemp -d)
	note "downloading $*"
	if ! (cd "$debs" && apt-get -qq -o APT::Sandbox::User=root download "$@" >&2); then
		rm -rf "$debs"
		return 1
	fi
	mkdir -p "$dir"
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$dir" || return 1
	done
	rm -rf "$debs"
}

# --- kernels ----------------------------------------------------------------

# load_kernel KERNEL: sets KERNEL_RELEASE, _IMAGE, _KDIR, _MODULES, _CHROOT.
load_kernel() {
	local key value facts
	facts=$("$MBX_ROOT/selftests/vm/kernel" "$1") || exit 1
	while IFS='=' read -r key value; do
		declare -g "KERNEL_${key^^}=$value"
	done <<<"$facts"
}

# module_dir: where mbx.ko for the loaded kernel is built.
module_dir() {
	echo "$MBX_O/module/$KERNEL_RELEASE"
}
